"""Odoo, its Python, the database server and our module, put together."""

import ctypes
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from . import system
from .cache import CACHE, MODULE, REPO, REPO_KEY, make_folder
from .odoo_source import OdooSource, odoo_source
from .odoo_step import OdooStep
from .postgres import OWN_SERVER, Postgres, postgres
from .python_env import python_env

HOST = "127.0.0.1"
DATA_FOLDER = CACHE / "data"


@dataclass(frozen=True)
class Workspace:
    odoo: OdooSource
    python: Path
    postgres: Postgres

    def environment(self, config: Path) -> dict[str, str]:
        """The variables with which any program can import and start this Odoo."""
        variables = dict(os.environ)
        # Both would keep byte code from being cached, or put it into the checkout.
        variables.pop("PYTHONDONTWRITEBYTECODE", None)
        variables |= {
            "PYTHONPATH": str(self.odoo.root),
            "PYTHONPYCACHEPREFIX": str(CACHE / "pycache"),
            "ODOO_RC": str(config),
            "PATH": f"{self.python}:{variables.get('PATH', '')}",
            **self.postgres.variables,
        }
        # Odoo reads these as options; databases are named explicitly.
        variables.pop("PGDATABASE", None)
        return variables

    def config(self, name: str, **options: object) -> Path:
        """Write a configuration file of Odoo's; `options` add to what all share."""
        shared = {
            "addons_path": self.addons_path(),
            "data_dir": make_folder(DATA_FOLDER),
            "http_interface": HOST,
            "list_db": False,
            "max_cron_threads": 0,
            "workers": 0,
        }
        lines = (f"{key} = {value}\n" for key, value in {**shared, **options}.items())
        path = make_folder(CACHE / f"config-{REPO_KEY}") / f"{name}.conf"
        partial = path.with_suffix(f".{os.getpid()}")
        partial.write_text("[options]\n" + "".join(lines))
        return partial.rename(path)

    def addons_path(self, *more: Path) -> str:
        """Where Odoo looks for modules: its own, ours, and others."""
        return ",".join(map(str, (*self.odoo.addons, link_module().parent, *more)))

    def odoo_command(self, *arguments: str) -> list[str]:
        return [str(self.python / "python"), "-m", "odoo", *arguments]

    def run_odoo(self, step: OdooStep, *arguments: str, stdin: str = "") -> None:
        """Run Odoo to its end as a long step."""
        step.run(
            self.odoo_command(*arguments, "--no-http"),
            stdin=stdin,
            env=self.environment(self.config("tool")),
            cwd=DATA_FOLDER,
            preexec_fn=die_with_parent,
        )


@contextmanager
def workspace(*programs: system.Program) -> Iterator[Workspace]:
    """Everything ready to work with Odoo; `programs` are needed besides."""
    needed = [system.VENV, *programs]
    if not any(os.environ.get(name) for name in OWN_SERVER):
        needed.append(system.POSTGRES)
    system.need(*needed)
    source = odoo_source()
    python = python_env()
    with postgres() as server:
        yield Workspace(source, python, server)


def link_module() -> Path:
    """Our module under its own name, whatever the checkout's folder is called."""
    link = CACHE / f"addons-{REPO_KEY}" / MODULE
    if not (link.is_symlink() and link.readlink() == REPO):
        partial = make_folder(link.parent) / f".{link.name}-{os.getpid()}"
        partial.symlink_to(REPO)
        partial.rename(link)
    return link


def free_port(first: int = 0) -> int:
    """A free port: the first one from `first` on, or any."""
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, first))
            except OSError:
                first += 1
                continue
            return probe.getsockname()[1]


def die_with_parent() -> None:
    """Have the kernel end this child when we are killed: no orphans are left."""
    parent_death_signal = 1
    ctypes.CDLL(None).prctl(parent_death_signal, signal.SIGTERM)
