import {_t} from "@web/core/l10n/translation";

/** From bad to good; each told by a face, a sign and a word, never by colour alone. */
export const FEELINGS = [
    {value: "-2", face: "fa-frown-o", sign: "−−", word: _t("Very bad")},
    {value: "-1", face: "fa-frown-o", sign: "−", word: _t("Bad")},
    {value: "0", face: "fa-meh-o", sign: "0", word: _t("Neutral")},
    {value: "1", face: "fa-smile-o", sign: "+", word: _t("Good")},
    {value: "2", face: "fa-smile-o", sign: "++", word: _t("Very good")},
];

/** What can be logged, the most frequent first. */
export const KINDS = [
    {value: "call", icon: "fa-phone", word: _t("Call")},
    {value: "visit", icon: "fa-map-marker", word: _t("Visit")},
    {value: "message", icon: "fa-comment-o", word: _t("Message")},
    {value: "greeting", icon: "fa-gift", word: _t("Greeting")},
    {value: "promise", icon: "fa-handshake-o", word: _t("Promise")},
    {value: "mention", icon: "fa-bullhorn", word: _t("Mention")},
];
