import {
    FieldSelectorField,
    fieldSelectorField,
} from "@web/views/fields/field_selector/field_selector_field";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";

/**
 * A dotted path of stored fields, picked by their names. Unlike the standard field
 * selector it may name its model itself (option `model`: a model or a field that holds
 * one), offers only what the scoring can read, and falls back to plain text where the
 * model cannot be looked into (option `browsable`: a boolean field).
 */
export class PathField extends FieldSelectorField {
    static template = "customer_value.PathField";
    static props = {
        ...FieldSelectorField.props,
        browsable: {type: String, optional: true},
        types: {type: Array, optional: true},
    };

    get isBrowsable() {
        const {record, browsable} = this.props;
        return Boolean(this.resModel) && (!browsable || record.data[browsable]);
    }

    get resModel() {
        const {record, resModel} = this.props;
        return resModel in record.data ? record.data[resModel] : resModel;
    }

    get selectorProps() {
        const {allowEmpty, ...others} = super.selectorProps;
        return {...others, allowEmpty: allowEmpty && !this.props.readonly};
    }

    filter(definition) {
        const {types} = this.props;
        return (
            definition.store &&
            (definition.type === "many2one" ||
                !types ||
                types.includes(definition.type))
        );
    }

    onChange(ev) {
        this.update(ev.target.value.trim());
    }
}

registry.category("fields").add("customer_value_path", {
    ...fieldSelectorField,
    component: PathField,
    displayName: _t("Path of Fields"),
    extractProps({options}, dynamicInfo) {
        return {
            ...fieldSelectorField.extractProps(...arguments),
            browsable: options.browsable,
            types: options.types,
            required: dynamicInfo.required,
        };
    },
});
