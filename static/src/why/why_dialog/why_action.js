import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {WhyDialog} from "./why_dialog";

/** A function that opens the explanation; takes the props of the dialog. */
export function useWhy() {
    const dialog = useService("dialog");
    return (props) => dialog.add(WhyDialog, props);
}

/** The same from a button of a form: `customer.value.score.action_explain`. */
function explain(env, {params}) {
    env.services.dialog.add(WhyDialog, params);
}

registry.category("actions").add("customer_value_why", explain);
