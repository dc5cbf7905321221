import {beforeEach} from "@odoo/hoot";
import {
    allowTranslations,
    mountWithCleanup,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import {currencies} from "@web/core/currency";
import {localization} from "@web/core/l10n/localization";

export const EURO = 7;

/**
 * Words and numbers as an English user with euros sees them.
 *
 * Without the services of the whole web client: those of every installed module would
 * come with it, and ask for their models.
 */
export function speakEnglish() {
    beforeEach(() => {
        allowTranslations();
        patchWithCleanup(localization, {
            dateFormat: "MM/dd/yyyy",
            decimalPoint: ".",
            grouping: [3, 0],
            thousandsSep: ",",
        });
        patchWithCleanup(currencies, {
            [EURO]: {name: "EUR", position: "before", symbol: "€", digits: [69, 2]},
        });
    });
}

export function mountAlone(component, props) {
    return mountWithCleanup(component, {env: {}, noMainContainer: true, props});
}
