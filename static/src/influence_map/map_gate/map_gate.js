import {Component} from "@odoo/owl";
import {RecordSelector} from "@web/core/record_selectors/record_selector";

/** Instead of a map: whose it is to be, that it is not for everybody, or what failed. */
export class MapGate extends Component {
    static template = "customer_value.MapGate";
    static components = {RecordSelector};
    static props = {
        kind: {
            validate: (kind) => ["choose", "confidential", "problem"].includes(kind),
        },
        words: {type: String, optional: true},
        choose: Function,
        retry: Function,
    };
    static defaultProps = {words: ""};

    get domain() {
        return ["|", ["is_company", "=", true], ["parent_id", "=", false]];
    }
}
