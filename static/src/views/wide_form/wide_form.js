import {SIZES} from "@web/core/ui/ui_service";
import {FormController} from "@web/views/form/form_controller";
import {FormRenderer} from "@web/views/form/form_renderer";
import {formView} from "@web/views/form/form_view";
import {registry} from "@web/core/registry";

/**
 * A form whose tables need the width: on the widest screens, too, the log stands below
 * it and not beside it.
 */
export class WideFormController extends FormController {
    get className() {
        return {...super.className, "o_xxl_form_view h-100": false};
    }
}

export class WideFormRenderer extends FormRenderer {
    setup() {
        super.setup();
        const ui = this.uiService;
        this.uiService = Object.create(ui, {
            size: {get: () => Math.min(ui.size, SIZES.XL)},
        });
    }
}

registry.category("views").add("customer_value_wide_form", {
    ...formView,
    Controller: WideFormController,
    Renderer: WideFormRenderer,
});
