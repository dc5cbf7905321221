import {Component} from "@odoo/owl";
import {RING} from "../cards";
import {KINDS, STANCES} from "../map_words";
import {StanceMark} from "../stance_mark/stance_mark";

const [FIRST, SECOND, THIRD] = RING;

/** What the signs mean. */
export class MapLegend extends Component {
    static template = "customer_value.MapLegend";
    static components = {StanceMark};
    static props = {canEdit: Boolean};

    stances = STANCES;
    kinds = KINDS;
    ring = [
        {d: FIRST, state: "reached"},
        {d: SECOND, state: "wanted"},
        {d: THIRD, state: "open"},
    ];
}
