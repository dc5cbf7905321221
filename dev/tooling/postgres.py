"""The database server: the user's own (PG* variables), or a private cluster.

The private cluster listens on a socket only, in a folder that only its owner may
enter. It runs while some command needs it: the last one to end stops it.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import system
from .cache import CACHE, Lock, digest, make_folder
from .console import Failure
from .step import Step

OWN_SERVER = ("PGHOST", "PGHOSTADDR", "PGPORT", "PGUSER", "PGPASSWORD", "PGSERVICE")
PORT = "5432"
ROLE = "odoo"
SOCKET_PATH_LIMIT = 80
START_SECONDS = 60
SETTINGS = {
    "listen_addresses": "",
    "port": PORT,
    "max_connections": "200",
    "shared_buffers": "256MB",
    "synchronous_commit": "off",
}


class Postgres:
    """A running server: `variables` lead every client to it."""

    def __init__(self, variables: dict[str, str], programs: Path | None = None):
        self.variables = variables
        self.programs = programs

    def program(self, name: str) -> str:
        return str(self.programs / name) if self.programs else name

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run one statement; rows come as lines, columns separated by `|`."""
        command = (self.program("psql"), "-XwqAt", "-v", "ON_ERROR_STOP=1", "-c")
        done = subprocess.run(
            [*command, statement, database],
            env={**os.environ, **self.variables},
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise Failure(f"PostgreSQL: {' '.join(done.stderr.split())}")
        return done.stdout.strip()


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A server to work with, for as long as the block lasts."""
    if any(os.environ.get(name) for name in OWN_SERVER):
        system.need(system.POSTGRES_CLIENT)
        yield _checked(Postgres({}))
        return
    system.need(system.POSTGRES)
    cluster = _Cluster(system.postgres_folder())
    with Lock("postgres-users").shared("stopping the database server") as users:
        with Lock("postgres").exclusive("starting the database server"):
            cluster.start()
        try:
            yield cluster.server
        finally:
            if users.try_exclusive():
                cluster.stop()


def _checked(server: Postgres) -> Postgres:
    try:
        version = int(server.sql("SHOW server_version_num"))
    except Failure as failure:
        raise Failure(
            f"the server that your PG* variables name cannot be used ({failure}):"
            " correct or unset them"
        ) from failure
    if version < system.POSTGRES_OLDEST * 10000:
        raise Failure("Odoo 19 wants PostgreSQL 13 or newer: unset PG* to use our own")
    return server


class _Cluster:
    def __init__(self, programs: Path):
        self.owner = _owner()
        self.folder = self._own_folder(_cluster_folder(self.owner, programs))
        self.data = self.folder / "data"
        self.socket = self._own_folder(_socket_folder(self.folder))
        variables = {"PGHOST": str(self.socket), "PGPORT": PORT, "PGUSER": ROLE}
        self.server = Postgres(variables, programs)

    def start(self) -> None:
        if not (self.data / "customer_value.conf").exists():
            self._initialise()
        self._forget_dead_server()
        if self._pg_ctl("status"):
            self._pg_ctl("start")
        deadline = time.monotonic() + START_SECONDS
        while self._run("pg_isready", "-q"):
            if time.monotonic() > deadline or self._pg_ctl("status"):
                raise Failure(f"PostgreSQL does not start: see {self.folder / 'log'}")
            time.sleep(0.2)

    def stop(self) -> None:
        self._pg_ctl("stop", "-m", "fast")

    def _initialise(self) -> None:
        """The settings file, written last, tells a finished cluster."""
        shutil.rmtree(self.data, ignore_errors=True)
        command = ("initdb", "-D", self.data, "-U", ROLE, "-A", "trust", "-E", "UTF8")
        step = Step("Making a database cluster")
        step.run(
            (self.server.program(command[0]), *command[1:], "--locale=C.UTF-8"),
            **self._as_owner(),
        )
        settings = {**SETTINGS, "unix_socket_directories": str(self.socket)}
        lines = "".join(f"{name} = '{value}'\n" for name, value in settings.items())
        with (self.data / "postgresql.conf").open("a") as main:
            main.write("include 'customer_value.conf'\n")
        (self.data / "customer_value.conf.new").write_text(lines)
        (self.data / "customer_value.conf.new").rename(
            self.data / "customer_value.conf"
        )
        shutil.chown(self.data / "customer_value.conf", self.owner.pw_name)

    def _forget_dead_server(self) -> None:
        """Drop a stale pid file, lest its number now belongs to another program."""
        pid_file = self.data / "postmaster.pid"
        if not pid_file.exists():
            return
        name = Path("/proc", pid_file.read_text().split("\n")[0], "comm")
        if not name.exists() or not name.read_text().startswith("postgres"):
            pid_file.unlink()

    def _pg_ctl(self, *arguments: str) -> int:
        log = self.folder / "log"
        return self._run("pg_ctl", "-D", self.data, "-l", log, "-w", "-s", *arguments)

    def _run(self, program: str, *arguments: object) -> int:
        return subprocess.run(
            [self.server.program(program), *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            **self._as_owner(),
        ).returncode

    def _as_owner(self) -> dict:
        """PostgreSQL refuses to run as root: its programs run as their owner."""
        options = {
            "cwd": self.folder,
            "env": {**os.environ, **self.server.variables},
        }
        if os.geteuid() == 0:
            groups = {"group": self.owner.pw_gid, "extra_groups": []}
            options |= {"user": self.owner.pw_uid, **groups}
        return options

    def _own_folder(self, folder: Path) -> Path:
        make_folder(folder)
        if os.geteuid() == 0 and not folder.is_symlink():
            os.chown(folder, self.owner.pw_uid, self.owner.pw_gid)
        if folder.is_symlink() or folder.stat().st_uid != self.owner.pw_uid:
            raise Failure(f"{folder} belongs to another user: remove it")
        folder.chmod(0o700)
        return folder


def _owner() -> pwd.struct_passwd:
    if os.geteuid():
        return pwd.getpwuid(os.geteuid())
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _cluster_folder(owner: pwd.struct_passwd, programs: Path) -> Path:
    """In the cache, or beside it where the server's user cannot reach the cache."""
    name = f"postgres-{programs.parent.name}"
    if os.geteuid() or all(_may_enter(owner, path) for path in (CACHE, *CACHE.parents)):
        return CACHE / name
    return Path("/var/lib") / f"customer_value-{digest(str(CACHE))}" / name


def _may_enter(user: pwd.struct_passwd, folder: Path) -> bool:
    if not folder.exists():
        return True
    status = folder.stat()
    return bool(status.st_mode & (0o100 if status.st_uid == user.pw_uid else 0o001))


def _socket_folder(cluster: Path) -> Path:
    """A socket's path may not be long."""
    if len(str(cluster)) <= SOCKET_PATH_LIMIT:
        return cluster
    name = f"customer_value-{os.geteuid()}-{digest(str(cluster))}"
    return Path(tempfile.gettempdir() if os.geteuid() else "/run", name)
