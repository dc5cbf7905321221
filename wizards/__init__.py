from . import base_partner_merge
from . import customer_value_movement
from . import customer_value_preview
from . import customer_value_replay
from . import customer_value_test
from . import customer_influence_merge
