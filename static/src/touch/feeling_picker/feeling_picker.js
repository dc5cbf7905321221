import {Component} from "@odoo/owl";
import {FEELINGS} from "@customer_value/touch/feelings";

let instances = 0;

/** Five faces; choosing the chosen one again takes it back: not said. */
export class FeelingPicker extends Component {
    static template = "customer_value.FeelingPicker";
    static props = {
        value: {optional: true},
        onChange: Function,
    };

    setup() {
        this.feelings = FEELINGS;
        this.name = `customer_feeling_${++instances}`;
    }

    onClick(value) {
        if (value === this.props.value) {
            this.props.onChange(false);
        }
    }
}
