import {reactive} from "@odoo/owl";

/**
 * Weights that are being typed, by record id: every line's share follows the keys
 * before the record itself is changed. One store per edited model.
 */
const typed = new WeakMap();

export function typedWeights(model) {
    if (!typed.has(model)) {
        typed.set(model, reactive({}));
    }
    return typed.get(model);
}

/** The indicators beside this one, when it is edited within its value model. */
export function siblings(record) {
    const root = record.model.root;
    const isInModel = root.resModel === "customer.value.model";
    return isInModel ? root.data.indicator_ids?.records : undefined;
}

/**
 * Part of a weight in all weights, in percent; what is being typed counts already.
 *
 * @param {Object} record the indicator
 * @param {Object[]} records all indicators of the model
 * @param {Object} weights what is being typed, by record id
 * @returns {Number}
 */
export function share(record, records, weights) {
    const weight = (line) => Math.max(weights[line.id] ?? line.data.weight, 0);
    const total = records.reduce((sum, line) => sum + weight(line), 0);
    return total ? (100 * weight(record)) / total : 0;
}
