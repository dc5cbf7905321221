import {Activity} from "@mail/core/common/activity_model";
import "@mail/core/web/activity_model_patch";
import {ActivityMarkAsDone} from "@mail/core/web/activity_markasdone_popover";
import {FeelingPicker} from "@customer_value/touch/feeling_picker/feeling_picker";
import {patch} from "@web/core/utils/patch";

/** How it felt is asked where a call or a visit is marked done, and may be left out. */
patch(Activity.prototype, {
    setup() {
        super.setup(...arguments);
        this.value_asks_feeling = false;
        this.value_feeling = false;
    },

    async saveFeeling() {
        if (this.value_feeling) {
            await this.store.env.services.orm.write("mail.activity", [this.id], {
                value_feeling: this.value_feeling,
            });
        }
    },

    async markAsDone() {
        await this.saveFeeling();
        return super.markAsDone(...arguments);
    },

    async markAsDoneAndScheduleNext() {
        await this.saveFeeling();
        return super.markAsDoneAndScheduleNext(...arguments);
    },
});

ActivityMarkAsDone.components = {...ActivityMarkAsDone.components, FeelingPicker};
