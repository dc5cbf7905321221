"""dev/run: Odoo with the module and its demo data, ready to log in."""

import argparse
import json
import re
import subprocess
import time
import urllib.request

from . import system
from .cache import CACHE, REPO_KEY, Lock
from .console import Failure, say
from .databases import DEMO, FULL, Databases, module_checksum
from .step import log_path
from .workspace import (
    DATA_FOLDER,
    HOST,
    MODULE,
    Workspace,
    die_with_parent,
    free_port,
    workspace,
)

FIRST_PORT = 8069
START_SECONDS = 180
PEOPLE = {
    "ana": "salesperson",
    "carl": "cashier",
    "mia": "manager",
    "admin": "administrator",
}
HELP = f"""
Environment:
  ODOO_PATH    source of an Odoo 19 to use instead of fetching one
  PG*          PGHOST, PGPORT, PGUSER ...: a PostgreSQL to use instead of a private one
  PYTHON       a Python 3.10 to 3.13 to use
  CUSTOMER_VALUE_DEBIAN_MIRROR   where to fetch Odoo from on machines without Debian's

Everything fetched and built is in {CACHE} and may be deleted at
any time (root's database cluster lies in /var/lib/customer_value-*).
"""


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    with workspace() as ready:
        system.want(system.PDF, "PDF reports")
        server = _Server(ready, options)
        with server.prepared():
            return server.serve()


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="dev/run",
        description="Serve Odoo 19 with Customer Value installed and scored.",
        epilog=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--port", type=int, help=f"port to serve on (the first free from {FIRST_PORT})")
    add("--reset", action="store_true", help="make the database anew")
    add("--no-demo", action="store_true", help="a database without demo data")
    add("--db", type=_database_name, help="name of the database to make and use")
    return parser.parse_args(arguments)


def _database_name(text: str) -> str:
    if not re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,50}", text):
        raise argparse.ArgumentTypeError("letters, digits, _ . - only")
    return text


def default_database(demo: bool = True) -> str:
    """One database per checkout."""
    return f"{MODULE}_{REPO_KEY}{'' if demo else '_no_demo'}"


class _Server:
    def __init__(self, ready: Workspace, options: argparse.Namespace):
        self.workspace = ready
        self.databases = Databases(ready)
        self.reset = options.reset
        self.demo = not options.no_demo
        self.name = options.db or default_database(self.demo)
        self.port = options.port
        _choose_port(self.port)
        self.lock = Lock(f"serving-{self.name}")

    def prepared(self) -> Lock:
        """Bring the database up to date; return the lock that keeps it as it is."""
        with Lock(f"preparing-{self.name}").exclusive("preparing the database"):
            if self.reset or self._note() != self._wanted_note():
                self._prepare()
            return self.lock.shared()

    def serve(self) -> int:
        # From the choice of a port until it is taken, no other run may choose.
        with Lock("ports").exclusive("starting Odoo"):
            port = _choose_port(self.port)
            process = self._start(port)
            try:
                _wait_until_up(process, port)
            except BaseException:
                _stop(process)
                raise
        try:
            self._welcome(port)
            return process.wait()
        except KeyboardInterrupt:
            say("Stopping ...")
            return 0
        finally:
            _stop(process)

    def _start(self, port: int) -> subprocess.Popen:
        config = self.workspace.config(
            f"serve-{port}",
            db_name=self.name,
            dbfilter=f"^{re.escape(self.name)}$",
            http_port=port,
            max_cron_threads=1,
        )
        say("Starting Odoo ...")
        with log_path().open("a") as log:
            return subprocess.Popen(
                self.workspace.odoo_command(),
                env=self.workspace.environment(config),
                cwd=DATA_FOLDER,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[self.lock.fileno()],
                preexec_fn=die_with_parent,
            )

    def _note(self) -> dict:
        """What an earlier dev/run noted on the database, if it made it."""
        if self.name not in self.databases.names():
            return {}
        try:
            note = json.loads(self.databases.note(self.name))
        except ValueError:
            note = None
        if not isinstance(note, dict):
            raise Failure(
                f"the database {self.name} was not made by dev/run: choose another"
                " with --db, or drop it"
            )
        return note if self.databases.exists(self.name) else {}

    def _wanted_note(self) -> dict:
        version = self.workspace.odoo.version
        return {"demo": self.demo, "odoo": version, "module": module_checksum()}

    def _prepare(self) -> None:
        if not self.lock.try_exclusive():
            raise Failure(
                f"another dev/run serves {self.name}, which must change first: stop"
                " it, or choose another database with --db"
            )
        note, wanted = self._note(), self._wanted_note()
        if self.reset or not note:
            self._make()
        elif note["demo"] != wanted["demo"]:
            raise Failure(
                f"{self.name} has other demo data: add --reset to make it anew"
            )
        else:
            changed = note["odoo"] != wanted["odoo"]
            self.databases.update(self.name, "base" if changed else MODULE)
        self.databases.set_note(self.name, json.dumps(wanted))

    def _make(self) -> None:
        """Make the database under another name, so that half-made never counts."""
        databases, part = self.databases, f"{self.name}_part"
        databases.clone(databases.template(DEMO if self.demo else FULL), part)
        databases.install(part, demo=self.demo)
        databases.pregenerate(part)
        databases.set_note(part, json.dumps(self._wanted_note()))
        databases.drop(self.name)
        databases.rename(part, self.name)

    def _welcome(self, port: int) -> None:
        users = "SELECT login FROM res_users WHERE active"
        known = set(self.databases.sql(users, self.name).splitlines())
        print(f"\nCustomer Value is ready at {_address(port)}\n")
        for login, role in PEOPLE.items():
            if login in known:
                print(f"  {login + ' / ' + login:<16}{role}")
        print(f"\nDatabase {self.name}, log {log_path()}. Ctrl-C stops.", flush=True)


def _choose_port(wanted: int | None) -> int:
    port = free_port(wanted or FIRST_PORT)
    if wanted and port != wanted:
        raise Failure(f"port {wanted} is taken: choose another, {port} is free")
    return port


def _address(port: int) -> str:
    return f"http://{HOST}:{port}"


def _wait_until_up(process: subprocess.Popen, port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{_address(port)}/web/health", timeout=5)
            return
        except OSError:
            time.sleep(0.2)
    raise Failure(f"Odoo does not start: see {log_path()}")


def _stop(process: subprocess.Popen) -> None:
    """Ctrl-C reached Odoo as well: a second signal at once would cut it short."""
    try:
        process.wait(timeout=3)
    except subprocess.TimeoutExpired:
        process.terminate()
        process.wait()
