"""dev/odoo: Odoo's own command line, on dev/run's database unless told otherwise."""

import subprocess

from .command_run import default_database
from .databases import Databases
from .workspace import workspace


def main(arguments: list[str]) -> int:
    with workspace() as ready:
        name = default_database()
        known = Databases(ready).exists(name)
        config = ready.config("command", **({"db_name": name} if known else {}))
        environment = ready.environment(config)
        command = ready.odoo_command(*arguments)
        return interactive(command, environment)


def interactive(command: list[str], environment: dict[str, str]) -> int:
    """Run a program that owns the terminal: Ctrl-C is its business, not ours."""
    process = subprocess.Popen(command, env=environment)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue
        except SystemExit:
            process.terminate()
