"""dev/bench: measurements on a database of their own, dropped afterwards.

Runs dev/bench_score.py with our arguments in a Python that can import Odoo;
ODOO_RC names a configuration whose database has the module installed. `relations` are
measured beside another module, which is fetched and installed there.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .cache import REPO
from .databases import FULL, Databases
from .odoo_step import OdooStep
from .rival import RIVAL, rival_addons
from .workspace import Workspace, die_with_parent, workspace


def main(arguments: list[str]) -> int:
    with workspace() as ready:
        databases = Databases(ready)
        with databases.run_copy(FULL) as copy:
            beside = rival_addons(ready) if "relations" in arguments else None
            with configured(ready, copy.name, beside) as config:
                if beside:
                    install_rival(ready, config)
                return subprocess.run(
                    [ready.python / "python", REPO / "dev/bench_score.py", *arguments],
                    env=ready.environment(config),
                    pass_fds=[copy.lock.fileno()],
                    preexec_fn=die_with_parent,
                ).returncode


@contextmanager
def configured(ready: Workspace, name: str, beside: Path | None) -> Iterator[Path]:
    """A configuration that names the database, and finds the other module."""
    more = {"addons_path": ready.addons_path(beside)} if beside else {}
    config = ready.config(name, db_name=name, **more)
    try:
        yield config
    finally:
        config.unlink()


def install_rival(ready: Workspace, config: Path) -> None:
    OdooStep(f"Installing {RIVAL}").run(
        ready.odoo_command("-i", RIVAL, "--stop-after-init", "--no-http"),
        env=ready.environment(config),
        preexec_fn=die_with_parent,
    )
