import {CARD} from "./layout";
import {
    UNKNOWN,
    ageWords,
    contactState,
    initialsOf,
    isKnown,
    seatName,
    seatSentence,
    stanceWords,
} from "./map_words";
import {fitText, textMeasure, twoLines} from "./text_fit";
import {_t} from "@web/core/l10n/translation";

const MOST_ICONS = 4;
const NAME_WIDTH = CARD.width - 60 - 30;
const JOB_WIDTH = CARD.width - 60 - 10;
const FAR_WIDTH = CARD.width - 50;

/** The closeness ring: a third of a circle for each step of closeness. */
export const RING = [0, 1, 2].map((part) => arc(22, 120 * part - 54, 120 * part + 54));

function arc(radius, from, to) {
    const place = (degrees) => {
        const turn = ((degrees - 90) * Math.PI) / 180;
        const [x, y] = [radius * Math.cos(turn), radius * Math.sin(turn)];
        return `${x.toFixed(2)} ${y.toFixed(2)}`;
    };
    return `M${place(from)}A${radius} ${radius} 0 0 1 ${place(to)}`;
}

/**
 * What the cards say, made once for each state of the map: drawing and dragging read it
 * as it is.
 */
export class CardMaker {
    constructor({roles, users}) {
        const family = getComputedStyle(document.body).fontFamily;
        this.roles = new Map(roles.map((role) => [role.id, role]));
        this.users = new Map(users.map((user) => [user.id, user]));
        this.bold = textMeasure(`600 13px ${family}`);
        this.plain = textMeasure(`11.5px ${family}`);
        this.large = textMeasure(`600 25px ${family}`);
    }

    make(seat) {
        const roles = seat.role_ids.map((id) => this.roles.get(id)).filter(Boolean);
        const owners = seat.owner_ids.map((id) => this.users.get(id)).filter(Boolean);
        const name = seatName(seat);
        return {
            id: seat.id,
            name: fitText(name, NAME_WIDTH, this.bold),
            farName: twoLines(name, FAR_WIDTH, this.large),
            job: fitText(this.jobOf(seat), JOB_WIDTH, this.plain),
            initials: seat.placeholder ? "?" : initialsOf(seat.name),
            icons: this.iconsOf(roles),
            stance: seat.stance || UNKNOWN,
            stanceWords: stanceWords(seat.stance),
            power: seat.power,
            ring: this.ringOf(seat),
            isRingUnknown: !isKnown(seat.closeness),
            weight: seat.weight
                ? _t("weight %s %", Math.round(seat.weight)).toString()
                : "",
            age: this.ageOf(seat),
            contact: seat.placeholder ? "none" : contactState(seat.last_contact),
            owner: owners[0] || null,
            moreOwners: Math.max(owners.length - 1, 0),
            isPlaceholder: seat.placeholder,
            isGone: seat.gone,
            sentence: seatSentence(seat, roles, owners),
        };
    }

    jobOf(seat) {
        if (seat.placeholder) {
            return _t("who sits here?").toString();
        }
        return seat.job || seat.department || "";
    }

    ageOf(seat) {
        if (seat.gone) {
            return _t("has left").toString();
        }
        return seat.placeholder ? "" : ageWords(seat.last_contact);
    }

    iconsOf(roles) {
        const shown =
            roles.length > MOST_ICONS ? roles.slice(0, MOST_ICONS - 1) : roles;
        const more = roles.length - shown.length;
        return [
            ...shown.map((role) => ({
                key: role.id,
                sign: glyphOf(role.icon),
                title: role.name,
                isGlyph: true,
            })),
            ...(more
                ? [
                      {
                          key: "more",
                          sign: `+${more}`,
                          title: roles
                              .slice(shown.length)
                              .map(({name}) => name)
                              .join(", "),
                          isGlyph: false,
                      },
                  ]
                : []),
        ];
    }

    ringOf({closeness, desired_closeness: desired}) {
        return RING.map((d, part) => {
            const isReached = isKnown(closeness) && part < closeness;
            const isWanted = isKnown(desired) && part < desired;
            return {d, part, state: ringState(isReached, isWanted)};
        });
    }
}

function ringState(isReached, isWanted) {
    if (isReached) {
        return "reached";
    }
    return isWanted ? "wanted" : "open";
}

const glyphs = new Map();

/** The sign of an icon of Font Awesome, so that SVG can draw it as text. */
export function glyphOf(icon) {
    const name = icon || "fa-user";
    if (!glyphs.has(name)) {
        const probe = document.createElement("i");
        probe.className = `fa ${name}`;
        document.body.append(probe);
        const {content} = getComputedStyle(probe, "::before");
        probe.remove();
        glyphs.set(name, content.replace(/^["']|["']$/gu, ""));
    }
    return glyphs.get(name);
}
