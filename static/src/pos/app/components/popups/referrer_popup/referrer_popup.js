import {Component, useState} from "@odoo/owl";
import {Dialog} from "@web/core/dialog/dialog";
import {useAutofocus} from "@web/core/utils/hooks";
import {normalize} from "@web/core/l10n/utils";
import {usePos} from "@point_of_sale/app/hooks/pos_hook";

const SHOWN = 8;
const MIN_WORDS = 3;

/**
 * Choose among the customers that the till holds; whoever is not among them is kept as
 * it was said (a phone number, a share code, a name) and looked up by the server later.
 */
export class ReferrerPopup extends Component {
    static template = "customer_value.ReferrerPopup";
    static components = {Dialog};
    static props = {
        customer: {optional: true},
        said: {type: String, optional: true},
        getPayload: Function,
        close: Function,
    };

    setup() {
        this.pos = usePos();
        this.state = useState({words: ""});
        useAutofocus({refName: "words"});
    }

    /** The first few whose name, number or address holds what was typed. */
    get matches() {
        const words = normalize(this.state.words.trim());
        const digits = words.replace(/\D/g, "");
        const found = [];
        for (const partner of this.pos.models["res.partner"].getAll()) {
            if (
                partner === this.props.customer ||
                !this.isMatch(partner, words, digits)
            ) {
                continue;
            }
            found.push(partner);
            if (found.length === SHOWN) {
                break;
            }
        }
        return found;
    }

    isMatch(partner, words, digits) {
        const {name, phone, email, barcode} = partner;
        return (
            normalize(name || "").includes(words) ||
            (digits.length >= MIN_WORDS &&
                (phone || "").replace(/\D/g, "").includes(digits.replace(/^0+/, ""))) ||
            (words.length >= MIN_WORDS &&
                ((email || "").toLowerCase().includes(words) || barcode === words))
        );
    }

    get canKeepWords() {
        return this.state.words.trim().length >= MIN_WORDS;
    }

    onKeydown(ev) {
        if (ev.key === "Enter" && this.state.words.trim()) {
            const [only, ...others] = this.matches;
            if (only && !others.length) {
                this.choose(only);
            } else if (this.canKeepWords) {
                this.keepWords();
            }
        }
    }

    choose(partner) {
        this.answer(partner, partner.phone || partner.email || partner.name);
    }

    keepWords() {
        this.answer(undefined, this.state.words.trim());
    }

    answer(partner, words) {
        this.props.getPayload({partner, words});
        this.props.close();
    }
}
