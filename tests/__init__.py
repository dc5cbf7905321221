from . import test_readme_example
from . import test_pos_value
from . import test_engine_oracle
