"""The module ours is measured beside: from the package index, never checked in."""

from pathlib import Path

from .cache import CACHE, build_once
from .console import Failure, say
from .step import Step
from .workspace import Workspace

RIVAL = "partner_multi_relation"
PACKAGE = "odoo-addon-partner_multi_relation==19.0.1.1.3.1"


def rival_addons(ready: Workspace) -> Path | None:
    """A folder with the module; None, and a word on it, if it cannot be had."""

    def fetch(folder: Path) -> None:
        install = ("-m", "pip", "install", "--disable-pip-version-check", "--no-deps")
        Step(f"Fetching {PACKAGE}", "check the network and start again").run(
            (ready.python / "python", *install, "--target", folder, PACKAGE)
        )

    try:
        folder = build_once(CACHE / PACKAGE, fetch, f"fetching {PACKAGE}")
    except Failure as failure:
        say(f"{failure}\nOur own figures come alone.")
        return None
    return folder / "odoo/addons"
