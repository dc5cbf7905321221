"""Odoo's source: the user's own (ODOO_PATH), or Debian's package unpacked.

The package comes from the mirror that the machine's own apt configuration names, by
a private apt state: signatures are checked, the system's packages stay untouched.
"""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import system
from .cache import CACHE, build_once, digest, make_folder
from .console import Failure
from .step import Step

SUITE = "sid"
# Older font files than unstable's: Odoo 19 wants Font Awesome 4.7.
ASSETS_SUITE = "trixie"
ASSETS = (
    "fonts-font-awesome",
    "fonts-roboto-unhinted",
    "fonts-inconsolata",
    "fonts-ocr-b",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
)
PACKAGES = (
    f"odoo-19/{SUITE}",
    f"fonts-montserrat/{SUITE}",
    *(f"{name}/{ASSETS_SUITE}" for name in ASSETS),
)
# Debian leaves this file out; without one in its place every page logs an error.
LEFT_OUT = "mail/static/lib/selfie_segmentation/selfie_segmentation.js"
OWN_ODOO = "set ODOO_PATH to the source of an Odoo 19"


@dataclass(frozen=True)
class OdooSource:
    """`root` goes on PYTHONPATH; `addons` are all folders with standard addons."""

    root: Path
    addons: tuple[Path, ...]
    version: str

    def has(self, module: str) -> bool:
        return any(
            (folder / module / "__manifest__.py").exists() for folder in self.addons
        )


def odoo_source() -> OdooSource:
    own = os.environ.get("ODOO_PATH")
    if own:
        return _read(_root_of(Path(own).expanduser().absolute()))
    folder = build_once(CACHE / "odoo-19", _fetch, "fetching Odoo 19")
    return _read(folder / "usr/lib/python3/dist-packages")


def _root_of(path: Path) -> Path:
    """Accept a checkout, an addons folder in it, or the folder that holds `odoo`."""
    for root in (path, path.parent, path.parent.parent):
        if (root / "odoo/release.py").exists():
            return root
    raise Failure(f"ODOO_PATH={path} holds no Odoo: {OWN_ODOO}")


def _read(root: Path) -> OdooSource:
    release = root / "odoo/release.py"
    found = re.search(r"version_info = \((\d+), (\d+)", release.read_text())
    if not found or found.groups() != ("19", "0"):
        raise Failure(f"{root} is not Odoo 19.0: {OWN_ODOO}")
    addons = (root / "odoo/addons",)
    if not (addons[0] / "web").is_dir():
        addons += (root / "addons",)
    if not (addons[-1] / "web").is_dir():
        raise Failure(f"{root} has no folder with Odoo's standard addons: {OWN_ODOO}")
    return OdooSource(root, addons, digest(str(root), _revision(root)))


def _revision(root: Path) -> object:
    """What changes when the source does: its commit, or the release file's date."""
    command = ("git", "-C", str(root), "rev-parse", "HEAD")
    if (root / ".git").exists() and shutil.which("git"):
        return subprocess.run(command, capture_output=True, text=True).stdout
    return (root / "odoo/release.py").stat().st_mtime_ns


def _fetch(target: Path) -> None:
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise Failure(
            f"only Debian and Ubuntu can fetch Odoo 19 by themselves: {OWN_ODOO}"
        )
    system.need(system.KEYRING)
    downloads = _download(_mirror())
    for name, package in _newest(downloads).items():
        Step(f"Unpacking {name}").run(("dpkg-deb", "-x", package, target))
    _complete(target / "usr/lib/python3/dist-packages/odoo/addons")
    shutil.rmtree(downloads)


def _newest(downloads: Path) -> dict[str, Path]:
    """The last file of each package: an interrupted start may have left an older."""
    files = sorted(downloads.glob("*.deb"), key=lambda file: file.stat().st_mtime)
    return {file.name.partition("_")[0]: file for file in files}


def _mirror() -> str:
    """The Debian mirror that the user or the machine's apt configuration names."""
    own = os.environ.get("CUSTOMER_VALUE_DEBIAN_MIRROR")
    if own:
        return own
    command = ("apt-get", "indextargets", "--format", "$(REPO_URI)")
    said = subprocess.run(command, capture_output=True, text=True).stdout
    for address in said.split():
        if address.endswith("/debian/"):
            return address
    raise Failure(
        f"this machine's apt knows no Debian mirror to fetch Odoo 19 from: {OWN_ODOO},"
        " or CUSTOMER_VALUE_DEBIAN_MIRROR to the address of a Debian mirror"
    )


def _download(mirror: str) -> Path:
    """Fetch the packages; an interrupted download is taken up where it stopped."""
    state = make_folder(CACHE / "odoo-19-download")
    for folder in ("lists/partial", "cache/archives/partial", "packages"):
        make_folder(state / folder)
    signed = f"[signed-by={system.debian_keyring()}]"
    sources = (f"deb {signed} {mirror} {suite} main" for suite in (SUITE, ASSETS_SUITE))
    (state / "sources.list").write_text("\n".join(sources) + "\n")
    apt = ("apt-get", "-q", *_private_state(state))
    packages = state / "packages"
    advice = f"check the network and start again, or {OWN_ODOO}"
    system.AptStep("Reading Debian's package lists", advice).run(
        (*apt, "update"), cwd=packages
    )
    system.AptStep("Downloading Odoo 19", advice).run(
        (*apt, "download", *PACKAGES), cwd=packages
    )
    return packages


def _private_state(state: Path) -> list[str]:
    options = {
        "Dir::Etc::SourceList": state / "sources.list",
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::State::Lists": state / "lists",
        "Dir::State::status": "/dev/null",
        "Dir::Cache": state / "cache",
        "APT::Sandbox::User": "root",
        "APT::Status-Fd": "1",
        "APT::Get::List-Cleanup": "false",
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
    }
    return [
        word for name, value in options.items() for word in ("-o", f"{name}={value}")
    ]


def _complete(addons: Path) -> None:
    stub = addons / LEFT_OUT
    make_folder(stub.parent)
    if not stub.exists():
        stub.write_text("globalThis.SelfieSegmentation = class {};\n")
    dangling = [
        path for path in addons.rglob("*") if path.is_symlink() and not path.exists()
    ]
    if dangling:
        raise Failure(
            f"Odoo's package refers to files of another one that we do not unpack"
            f" ({dangling[0]}): {OWN_ODOO}"
        )
