import {patch} from "@web/core/utils/patch";
import {PaymentScreen} from "@point_of_sale/app/screens/payment_screen/payment_screen";
import {ValueBadge} from "@customer_value/pos/app/components/value_badge/value_badge";

patch(PaymentScreen, {components: {...PaymentScreen.components, ValueBadge}});
