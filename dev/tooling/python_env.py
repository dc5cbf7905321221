"""The Python environments: virtual ones, made from the pinned requirements."""

import sys
from pathlib import Path

from . import system
from .cache import CACHE, REPO, build_once, digest
from .step import Step


def python_env(requirements: str = "requirements.txt") -> Path:
    """Return the folder of programs of the environment with these requirements."""
    pinned = REPO / "dev" / requirements
    key = digest(pinned.read_text(), sys.version, sys.executable)
    target = CACHE / f"{pinned.stem.replace('requirements', 'python')}-{key}"

    def build(folder: Path) -> None:
        system.need(system.VENV)
        make = (sys.executable, "-m", "venv", folder)
        Step("Making a Python environment").run(make)
        install = (folder / "bin/python", "-m", "pip", "install", "--progress-bar=off")
        _PipStep(f"Installing {requirements}", "check the network and start again").run(
            (*install, "--disable-pip-version-check", "-r", pinned)
        )

    return build_once(target, build, f"installing {requirements}") / "bin"


class _PipStep(Step):
    def describe(self, line: str) -> str | None:
        return line.strip()[:80]

    def blames(self, line: str) -> bool:
        return line.startswith("ERROR:")
