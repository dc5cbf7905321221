import {Component} from "@odoo/owl";

/** What leads somewhere when it is clicked; plain where `open` is not given. */
export class ValueLink extends Component {
    static template = "customer_value.ValueLink";
    static props = {
        open: {type: Function, optional: true},
        title: String,
        slots: Object,
    };
}
