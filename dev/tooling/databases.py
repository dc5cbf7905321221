"""Databases: templates built once, and the copies that runs work on.

A database appears under its own name only when it is finished; until then it is
called `<name>_part`. A run's copy is swept away once nobody holds its lock.
"""

import ast
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from .cache import CACHE, MODULE, REPO, REPO_KEY, Lock, digest
from .console import Failure
from .odoo_step import OdooStep
from .workspace import DATA_FOLDER, Workspace

SOFT_DEPENDENCIES = (
    "account",
    "contacts",
    "event_sale",
    "loyalty",
    "marketing_card",
    "mass_mailing",
    "mass_mailing_sms",
    "pos_loyalty",
    "privacy_lookup",
    "rating",
    "sale_loyalty",
    "sale_margin",
    "sale_stock",
    "stock",
    "survey",
)
# Several caches may share one server: each knows its databases by this.
OURS = f"cv_{digest(os.uname().nodename, str(CACHE))}"
RUN_PREFIX = f"{OURS}_run_"
# Of the checkout, what a database does not depend on.
NOT_INSTALLED = {"dev", "readme", "tests", "__pycache__"}
PREGENERATE = """
env["ir.qweb"]._pregenerate_assets_bundles()
env.cr.commit()
"""
PREGENERATE_PAGES = """
for name in (
    "web.assets_web",
    "web.assets_backend_lazy",
    "web.chartjs_lib",
    "web.fullcalendar_lib",
    "point_of_sale.assets_prod",
):
    bundle = env["ir.qweb"]._get_asset_bundle(name)
    bundle.js()
    bundle.css()
env.cr.commit()
"""


@dataclass(frozen=True)
class Recipe:
    """What a template database has in it."""

    label: str
    soft: bool = True
    demo: bool = False
    assets: bool = False
    base: "Recipe | None" = None


MINIMAL = Recipe("minimal", soft=False)
FULL = Recipe("full", assets=True, base=MINIMAL)
DEMO = Recipe("demo", demo=True)


class RunCopy(NamedTuple):
    """A database of one run's. Processes that work on it inherit the lock, so that
    nobody sweeps it away under them should the run be killed."""

    name: str
    lock: Lock
    complaints: list[str]


class Databases:
    def __init__(self, workspace: Workspace):
        self.workspace = workspace
        self.sql = workspace.postgres.sql

    def template(self, recipe: Recipe) -> str:
        """A database with our dependencies, without our module."""
        modules = self._dependencies(recipe)
        name = f"{OURS}_{recipe.label}_{digest(self.workspace.odoo.version, modules)}"

        def build(part: str) -> None:
            if recipe.base:
                self.clone(self.template(recipe.base), part)
            step = OdooStep(f"Installing Odoo's modules ({recipe.label})")
            demo = ["--with-demo"] if recipe.demo else []
            self._odoo(step, part, "-i", ",".join(modules), *demo)
            if recipe.assets:
                self.pregenerate(part, PREGENERATE)

        return self._build_once(name, build)

    def install(self, name: str, *, demo: bool = False) -> list[str]:
        """Install our module; return what Odoo complained about."""
        step = OdooStep(f"Installing {MODULE}{' with demo data' if demo else ''}")
        self._odoo(step, name, "-i", MODULE, *(["--with-demo"] if demo else []))
        return step.complaints

    def update(self, name: str, modules: str = MODULE) -> None:
        self._odoo(OdooStep(f"Updating {modules}"), name, "-u", modules)

    def pregenerate(self, name: str, script: str = PREGENERATE_PAGES) -> None:
        """Build the web client's files, which the first page would wait for."""
        step = OdooStep("Building the web client's files")
        self.workspace.run_odoo(step, "shell", "-d", name, stdin=script)

    @contextmanager
    def run_copy(self, recipe: Recipe, browser: bool = False) -> Iterator[RunCopy]:
        """A database with our module as it is in the checkout now, for this run only.

        With `browser`, the web client's files are built already.
        """
        with self._run_database() as (name, lock):
            complaints = self._copy_with_module(recipe, name, browser)
            yield RunCopy(name, lock, complaints)

    @contextmanager
    def bare_copy(self, recipe: Recipe) -> Iterator[RunCopy]:
        """A database in which our module could be installed, for this run only."""
        with self._run_database() as (name, lock):
            self.clone(self.template(recipe), name)
            yield RunCopy(name, lock, [])

    def clone(self, source: str, target: str) -> None:
        """Copy a database; its files are hard links, as Odoo never changes one."""
        self.drop(target)
        copy = {"copy_function": os.link, "dirs_exist_ok": True}
        shutil.copytree(filestore(source), filestore(target), **copy)
        self.sql(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')
        self.sql(
            "UPDATE ir_config_parameter SET value = gen_random_uuid()"
            " WHERE key IN ('database.uuid', 'database.secret')",
            target,
        )

    def drop(self, name: str) -> None:
        self.sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        shutil.rmtree(filestore(name), ignore_errors=True)

    def rename(self, name: str, new_name: str) -> None:
        shutil.rmtree(filestore(new_name), ignore_errors=True)
        filestore(name).rename(filestore(new_name))
        self.sql(f'ALTER DATABASE "{name}" RENAME TO "{new_name}"')

    def names(self) -> list[str]:
        return self.sql("SELECT datname FROM pg_database").splitlines()

    def exists(self, name: str) -> bool:
        return name in self.names() and filestore(name).is_dir()

    def note(self, name: str) -> str:
        """What was noted on a database; nothing if it is not one of ours."""
        return self.sql(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
            f" WHERE datname = '{name}'"
        )

    def set_note(self, name: str, text: str) -> None:
        quoted = text.replace("'", "''")
        self.sql(f"COMMENT ON DATABASE \"{name}\" IS '{quoted}'")

    @contextmanager
    def _run_database(self) -> Iterator[tuple[str, Lock]]:
        """The name of a database to make, which is dropped afterwards."""
        self._sweep()
        name = f"{RUN_PREFIX}{os.getpid()}_{digest(os.urandom(8))}"
        with Lock(name).exclusive() as lock:
            try:
                yield name, lock
            finally:
                self.drop(name)
                lock.path.unlink(missing_ok=True)

    def _build_once(self, name: str, build: Callable[[str], None]) -> str:
        """Return a template, built by `build` under another name if it is missing."""
        with Lock(f"database-{name}").exclusive(f"building the database {name}"):
            if not self.exists(name):
                part = f"{name}_part"
                self.drop(part)
                self.drop(name)
                build(part)
                self.sql(f'ALTER DATABASE "{part}" ALLOW_CONNECTIONS false')
                self.rename(part, name)
        return name

    def _copy_with_module(self, recipe: Recipe, name: str, browser: bool) -> list[str]:
        """Copy a template with our module; return what its installation said."""
        template = self.template(recipe)
        kin = f"{OURS}_{recipe.label}_module_{REPO_KEY}_"
        module = f"{kin}{digest(template, module_checksum())}"
        with Lock(kin).shared("replacing the database of an older version") as users:

            def build(part: str) -> None:
                self._drop_older(kin, users)
                self.clone(template, part)
                self.set_note(part, "\n".join(self.install(part)))

            source = self._build_once(module, build)
            if browser:
                source = self._with_assets(module)
            self.clone(source, name)
            return self.note(module).splitlines()

    def _with_assets(self, source: str) -> str:
        def build(part: str) -> None:
            self.clone(source, part)
            self.pregenerate(part, PREGENERATE)

        return self._build_once(f"{source}_assets", build)

    def _drop_older(self, kin: str, users: Lock) -> None:
        """Drop the databases of older versions of the module, unless somebody uses one.

        The part that is being built does not exist yet.
        """
        if users.try_exclusive():
            for name in self.names():
                if name.startswith(kin):
                    self.drop(name)
        users.shared()

    def _odoo(self, step: OdooStep, name: str, *arguments: str) -> None:
        self.workspace.run_odoo(step, "-d", name, "--stop-after-init", *arguments)
        if step.demo_failed:
            raise Failure(f"{step.title}: {step.complaints[-1]}")

    def _dependencies(self, recipe: Recipe) -> tuple[str, ...]:
        hard = manifest()["depends"]
        soft = filter(self.workspace.odoo.has, SOFT_DEPENDENCIES if recipe.soft else ())
        return tuple(sorted({*hard, *soft}))

    def _sweep(self) -> None:
        """Drop the copies of runs that are dead."""
        for name in self.names():
            if name.startswith(RUN_PREFIX):
                # of a run in several processes, there is a copy for each: NAME-gw0
                with Lock(name.partition("-")[0]) as lock:
                    if lock.try_exclusive():
                        self.drop(name)
                        lock.path.unlink(missing_ok=True)


def filestore(name: str) -> Path:
    return DATA_FOLDER / "filestore" / name


def manifest() -> dict:
    path = REPO / "__manifest__.py"
    try:
        return ast.literal_eval(path.read_text())
    except (OSError, SyntaxError, ValueError) as error:
        raise Failure(f"{path} cannot be read ({error}): correct it") from error


def module_checksum() -> str:
    """Changes when anything changes that an installed module consists of."""
    checksum = hashlib.sha256()
    for folder, folders, files in os.walk(REPO):
        if Path(folder) == REPO:
            folders[:] = [name for name in folders if name not in NOT_INSTALLED]
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(folder, name)
            if path.suffix not in (".pyc", ".md") and not name.startswith("."):
                checksum.update(f"{path.relative_to(REPO)}\n".encode())
                checksum.update(path.read_bytes())
    return checksum.hexdigest()[:16]
