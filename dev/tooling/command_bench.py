"""dev/bench: measurements on a database of their own, dropped afterwards.

Runs dev/bench_score.py with our arguments in a Python that can import Odoo;
ODOO_RC names a configuration whose database has the module installed.
"""

import subprocess

from .cache import REPO
from .databases import FULL, Databases
from .workspace import die_with_parent, workspace


def main(arguments: list[str]) -> int:
    with workspace() as ready:
        databases = Databases(ready)
        with databases.run_copy(FULL) as copy:
            config = ready.config(copy.name, db_name=copy.name)
            try:
                return subprocess.run(
                    [ready.python / "python", REPO / "dev/bench_score.py", *arguments],
                    env=ready.environment(config),
                    pass_fds=[copy.lock.fileno()],
                    preexec_fn=die_with_parent,
                ).returncode
            finally:
                config.unlink()
