import {Component} from "@odoo/owl";
import {Dropdown} from "@web/core/dropdown/dropdown";
import {DropdownItem} from "@web/core/dropdown/dropdown_item";
import {_t} from "@web/core/l10n/translation";
import {KINDS} from "../map_words";

/** All that is done to the map as a whole. */
export class MapToolbar extends Component {
    static template = "customer_value.MapToolbar";
    static components = {Dropdown, DropdownItem};
    static props = {
        deals: Array,
        leadId: {type: [Number, {value: false}]},
        chooseDeal: Function,
        hiddenKinds: Object,
        toggleKind: Function,
        query: String,
        foundCount: Number,
        search: Function,
        nextFound: Function,
        zoom: Number,
        zoomBy: Function,
        fit: Function,
        undoLabel: String,
        redoLabel: String,
        undo: Function,
        redo: Function,
        addPerson: {type: Function, optional: true},
        print: Function,
        exportImage: Function,
        toggleFull: Function,
        isFull: Boolean,
        isNarrow: Boolean,
    };

    get kinds() {
        return [
            {key: "reports", label: _t("Reporting lines")},
            ...KINDS.map(({key, label}) => ({key, label: label()})),
        ];
    }

    get dealName() {
        const {deals, leadId} = this.props;
        return deals.find(({id}) => id === leadId)?.name || _t("All deals");
    }

    get zoomWords() {
        return `${Math.round(100 * this.props.zoom)} %`;
    }

    get foundWords() {
        const {query, foundCount} = this.props;
        if (!query.trim()) {
            return "";
        }
        return foundCount === 1 ? _t("1 found") : _t("%s found", foundCount);
    }

    get undoTitle() {
        const {undoLabel} = this.props;
        return undoLabel ? _t("Undo: %s (Ctrl+Z)", undoLabel) : _t("Nothing to undo");
    }

    get redoTitle() {
        const {redoLabel} = this.props;
        return redoLabel ? _t("Redo: %s (Ctrl+Y)", redoLabel) : _t("Nothing to redo");
    }

    onSearchKey(ev) {
        if (ev.key === "Enter") {
            this.props.nextFound();
        } else if (ev.key === "Escape") {
            ev.stopPropagation();
            this.props.search("");
        }
    }
}
