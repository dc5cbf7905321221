"""dev/psql: a database client on dev/run's database, or on the one named."""

import os

from .command_odoo import interactive
from .command_run import default_database
from .postgres import postgres


def main(arguments: list[str]) -> int:
    with postgres() as server:
        environment = {"PGDATABASE": default_database(), **os.environ}
        environment |= server.variables
        return interactive([server.program("psql"), *arguments], environment)
