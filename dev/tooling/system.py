"""Programs that come from the distribution: found, or installed when we may."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .cache import Lock
from .console import Failure, say
from .step import Step

POSTGRES_FOLDERS = "/usr/lib/postgresql"
POSTGRES_OLDEST = 13
CHROMES = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")
DEBIAN_KEYRINGS = (
    "/usr/share/keyrings/debian-archive-keyring.gpg",
    "/usr/share/keyrings/debian-archive-keyring.pgp",
)


@dataclass(frozen=True)
class Program:
    """Something of the distribution's that we need: how to find it, what to install."""

    find: Callable[[], object]
    packages: tuple[str, ...]


def postgres_folder() -> Path | None:
    """The folder of the newest PostgreSQL server's programs."""
    found = {}
    for folder in Path(POSTGRES_FOLDERS).glob("*/bin"):
        if folder.parent.name.isdigit() and (folder / "initdb").exists():
            found[int(folder.parent.name)] = folder
    initdb = shutil.which("initdb")
    if not found and initdb:
        return Path(initdb).resolve().parent
    newest = max(found, default=0)
    return found[newest] if newest >= POSTGRES_OLDEST else None


def chrome() -> str | None:
    """A browser that Odoo's tests can drive; a snap sees neither /tmp nor the cache."""
    path = next(filter(None, map(shutil.which, CHROMES)), None)
    if path and ("/snap/" in os.path.realpath(path) or _is_snap_stub(path)):
        return None
    return path


def _is_snap_stub(path: str) -> bool:
    with open(path, "rb") as program:
        start = program.read(4096)
    return start.startswith(b"#!") and b"/snap/" in start


def node() -> str | None:
    """Node.js, if npm is there too and it is one that eslint runs on."""
    path = shutil.which("node")
    if not path or not shutil.which("npm"):
        return None
    said = subprocess.run([path, "--version"], capture_output=True, text=True).stdout
    version = tuple(map(int, re.findall(r"\d+", said)[:2]))
    return path if version >= (18, 18) else None


def debian_keyring() -> str | None:
    return next(filter(os.path.exists, DEBIAN_KEYRINGS), None)


def _has_venv() -> bool:
    return bool(importlib.util.find_spec("ensurepip"))


_PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
VENV = Program(_has_venv, (f"{_PYTHON}-venv",))
POSTGRES = Program(postgres_folder, ("postgresql",))
POSTGRES_CLIENT = Program(lambda: shutil.which("psql"), ("postgresql-client",))
CHROME = Program(chrome, ("chromium",))
NODE = Program(node, ("nodejs", "npm"))
KEYRING = Program(debian_keyring, ("debian-archive-keyring",))
PDF = Program(lambda: shutil.which("wkhtmltopdf"), ("wkhtmltopdf",))


def need(*programs: Program) -> None:
    """Make sure that the programs are there, or say what to install, all at once."""
    missing = _missing(programs)
    if not missing:
        return
    _refuse_unusable(missing)
    if os.geteuid() or not shutil.which("apt-get"):
        raise Failure(f"missing on this machine, install as root: {' '.join(missing)}")
    with Lock("system-packages").exclusive("installing system packages"):
        missing = _missing(programs)
        if missing:
            _install(missing)
    missing = _missing(programs)
    if missing:
        _refuse_unusable(missing)
        raise Failure(f"installed, but of no use on this machine: {' '.join(missing)}")


def want(program: Program, purpose: str) -> None:
    """As `need`, for what we can do without, and some releases do not have."""
    with suppress(Failure):
        if not program.find() and _is_offered(program):
            need(program)
    if not program.find():
        say(f"Note: without {' '.join(program.packages)}: no {purpose}.")


def _is_offered(program: Program) -> bool:
    if not shutil.which("apt-cache"):
        return False
    show = ("apt-cache", "show", *program.packages)
    return bool(subprocess.run(show, capture_output=True).stdout.strip())


def _missing(programs: Iterable[Program]) -> list[str]:
    lacking = (program.packages for program in programs if not program.find())
    return [package for packages in lacking for package in packages]


def _refuse_unusable(missing: list[str]) -> None:
    """Some programs are there, but not in a form that we can use."""
    if "chromium" in missing and any(map(shutil.which, CHROMES)):
        raise Failure(
            "this machine's Chromium is a snap, which tests cannot drive: install"
            " google-chrome or another chromium that is in PATH"
        )
    if "nodejs" in missing and shutil.which("node") and shutil.which("npm"):
        raise Failure(
            "this machine's Node.js is too old for eslint: put 18.18 or newer in PATH"
        )


def _install(packages: list[str]) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = ("apt-get", "-q", "-o", "DPkg::Lock::Timeout=600", "-o", "APT::Status-Fd=1")
    recover = Step("Finishing package installations that were interrupted, if any")
    recover.run(("dpkg", "--configure", "-a"), env=environment)
    AptStep("Updating the package lists").run((*apt, "update"))
    AptStep(f"Installing {' '.join(packages)}", "install them by hand").run(
        (*apt, "install", "-y", "--no-install-recommends", *packages), env=environment
    )


class AptStep(Step):
    """Runs apt-get with `APT::Status-Fd=1`: lines `kind:item:percent:text`."""

    def describe(self, line: str) -> str | None:
        parts = line.split(":", 3)
        if parts[0] not in ("dlstatus", "pmstatus") or len(parts) < 4:
            return None
        return f"{float(parts[2]):.0f} %  {parts[3]}"

    def blames(self, line: str) -> bool:
        return line.startswith("E:")
