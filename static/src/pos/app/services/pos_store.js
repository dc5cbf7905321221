import {patch} from "@web/core/utils/patch";
import {PosStore} from "@point_of_sale/app/services/pos_store";
import {logPosMessage} from "@point_of_sale/app/utils/pretty_console_log";

const MAX_AT_ONCE = 1000;

patch(PosStore.prototype, {
    /**
     * Renew the badges of all customers on the till, after the start and in the
     * background, so that it knows them should the connection be lost.
     */
    async afterProcessServerData() {
        const result = await super.afterProcessServerData(...arguments);
        this.refreshValueBadges(this.models["res.partner"].getAll());
        return result;
    },

    /**
     * Ask for the present badges of customers and show what changed. The till renews
     * its rows only when the contact is written, which a rescoring never does.
     * Nobody waits for it, and without connection the last known badges stand.
     *
     * @param {Object[]} partners
     */
    async refreshValueBadges(partners) {
        const ids = partners.filter((partner) => partner.isSynced).map(({id}) => id);
        try {
            while (ids.length && !this.data.network.offline) {
                const part = ids.splice(0, MAX_AT_ONCE);
                const orm = this.data.orm.silent;
                const rows = await orm.call("res.partner", "get_value_badges", [part]);
                this.updateValueBadges(rows);
            }
        } catch (error) {
            logPosMessage(
                "Store",
                "refreshValueBadges",
                "The last known value badges stay",
                undefined,
                [error]
            );
        }
    },

    updateValueBadges(rows) {
        const changed = [];
        for (const {id, value_badge} of rows) {
            const partner = this.models["res.partner"].get(id);
            if (partner && (partner.value_badge || false) !== value_badge) {
                partner.update({value_badge}, {silent: true, omitUnknownField: true});
                changed.push(partner.raw);
            }
        }
        this.data.synchronizeServerDataInIndexedDB({"res.partner": changed});
    },
});
