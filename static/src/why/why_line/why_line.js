import {Component, useEffect, useRef, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {inUnit} from "../../fields/value_breakdown/breakdown_words";
import {
    dayWords,
    effectsWords,
    missingWords,
    moveWords,
    nameWords,
    pointsWords,
} from "../why_words";

const MARKS = {rise: "▲", fall: "▼", still: "▬"};

/** One line of the explanation in a sentence, with the documents behind it to open. */
export class WhyLine extends Component {
    static template = "customer_value.WhyLine";
    static props = {
        line: Object,
        currencyId: [Number, Boolean],
        loadDocuments: Function,
        openDocument: Function,
        isOpen: {type: Boolean, optional: true},
        toggle: Function,
    };
    static defaultProps = {isOpen: false};

    setup() {
        this.state = useState({documents: null, failed: false});
        this.root = useRef("root");
        useEffect(
            (isOpen) => {
                if (isOpen) {
                    this.show();
                }
            },
            () => [this.isOpen]
        );
    }

    get line() {
        return this.props.line;
    }

    get kind() {
        const {shown} = this.line;
        if (!shown) {
            return "still";
        }
        return shown > 0 ? "rise" : "fall";
    }

    get mark() {
        return MARKS[this.kind];
    }

    get name() {
        return nameWords(this.line);
    }

    get move() {
        return moveWords(this.line, this.props.currencyId);
    }

    get points() {
        return pointsWords(this.line.shown);
    }

    get effects() {
        return effectsWords(this.line);
    }

    get expanded() {
        return this.line.has_documents ? `${this.isOpen}` : undefined;
    }

    get sides() {
        const {entered, left} = this.state.documents;
        return [
            {
                key: "entered",
                icon: "fa-sign-in",
                title: _t("Entered the period"),
                ...entered,
            },
            {key: "left", icon: "fa-sign-out", title: _t("Left the period"), ...left},
        ];
    }

    get hasMoved() {
        return this.sides.some(({count}) => count);
    }

    get isOpen() {
        return this.props.isOpen && this.line.has_documents;
    }

    /** Opened here or by its bar, which may be far above. */
    show() {
        this.root.el.scrollIntoView({block: "nearest"});
        if (!this.state.documents) {
            this.load();
        }
    }

    toggle() {
        if (this.line.has_documents) {
            this.props.toggle();
        }
    }

    async load() {
        this.state.failed = false;
        try {
            this.state.documents = await this.props.loadDocuments(this.line);
        } catch {
            this.state.failed = true;
        }
    }

    missing(side) {
        return missingWords(side);
    }

    day(record) {
        return record.date ? dayWords(record.date) : "";
    }

    amount({amount}) {
        const {unit} = this.state.documents;
        return amount === null ? "" : inUnit(amount, {unit}, this.props.currencyId);
    }

    href({model, id}) {
        return `/odoo/${model.includes(".") ? "" : "m-"}${model}/${id}`;
    }

    open(ev, record) {
        if (ev.ctrlKey || ev.metaKey || ev.shiftKey) {
            return;
        }
        ev.preventDefault();
        this.props.openDocument(record);
    }
}
