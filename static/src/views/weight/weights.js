import {reactive, toRaw} from "@odoo/owl";

/**
 * Weights that are being typed, by record id: every line's share follows the keys
 * before the record itself is changed. One store per edited model.
 */
const typed = new WeakMap();

export function typedWeights(model) {
    const key = toRaw(model);
    if (!typed.has(key)) {
        typed.set(key, reactive({}));
    }
    return typed.get(key);
}

/** The indicators beside this one, when it is edited within its value model. */
export function siblings(record) {
    const root = record.model.root;
    const isInModel = root.resModel === "customer.value.model";
    return isInModel ? root.data.indicator_ids?.records : undefined;
}

/** A weight as it stands: what is being typed counts already. */
function weightOf(record, weights) {
    return Math.max(weights[record.id] ?? record.data.weight, 0);
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
    const total = records.reduce((sum, line) => sum + weightOf(line, weights), 0);
    return total ? (100 * weightOf(record, weights)) / total : 0;
}

/** The same beside the heaviest line, in percent: the length of the bar. */
export function barLength(record, records, weights) {
    const heaviest = Math.max(...records.map((line) => weightOf(line, weights)));
    return heaviest ? (100 * weightOf(record, weights)) / heaviest : 0;
}
