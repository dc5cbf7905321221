import {patch} from "@web/core/utils/patch";
import {PartnerLine} from "@point_of_sale/app/screens/partner_list/partner_line/partner_line";
import {ValueBadge} from "@customer_value/pos/app/components/value_badge/value_badge";

patch(PartnerLine, {components: {...PartnerLine.components, ValueBadge}});
