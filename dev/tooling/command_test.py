"""dev/test: the static checks, then all tests; with pytest arguments only those tests.

Tests run on copies of a database in which the module has just been installed without
demo data. The minimal stage proves that the module works without any of the modules
it merely knows about, and that it can be updated, removed and installed again. The main
run comes last: its closing line closes the output.
"""

import os
import subprocess
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from . import system
from .cache import CACHE, REPO, REPO_KEY
from .command_lint import lint
from .console import say
from .databases import FULL, MINIMAL, Databases
from .workspace import DATA_FOLDER, Workspace, die_with_parent, link_module, workspace

PLUGIN = "tooling.pytest_strict"
# Meant for a database with the hard dependencies only: no part of the main run.
MINIMAL_ONLY = (
    "tests/test_minimal_install.py",
    "tests/test_translations.py",
    "tests/test_install.py",
)
MINIMAL_TESTS = (
    *MINIMAL_ONLY,
    "tests/test_ready_models.py::TestReadyModels",
    "tests/test_ready_sources.py",
)
# Works on a database without our module besides.
INSTALLS = "tests/test_install.py"
# Each process has a database of its own, and a browser; more would be in each other's
# way.
MOST_PROCESSES = 4
# The options of pytest's whose value is the next argument.
TAKES_VALUE = {"-c", "-k", "-m", "-n", "-o", "-p", "-r", "-W"}


def main(arguments: list[str]) -> int:
    needed = (system.CHROME,) if arguments else (system.CHROME, system.NODE)
    with workspace(*needed) as ready:
        system.want(system.PDF, "PDF reports")
        with TemporaryDirectory() as folder:
            run = _TestRun(ready, Path(folder))
            if not arguments:
                run.report("static checks", lint())
                run.minimal()
            status = run.pytest(arguments)
            return status or int(run.failed)


class _TestRun:
    """The stages of a run; pytest's plugin tells of them at the end of the last."""

    def __init__(self, ready: Workspace, folder: Path):
        self.workspace = ready
        self.databases = Databases(ready)
        self.reports = folder / "reports.json"
        self.stages: list[str] = []
        self.failed = False

    def report(self, stage: str, problems: list[str]) -> None:
        self.failed |= bool(problems)
        verdict = f"FAILED ({'; '.join(problems)})" if problems else "ok"
        self.stages.append(f"{stage}: {verdict}")

    def minimal(self) -> None:
        """Run the tests that must pass with nothing but the hard dependencies."""
        say("Tests with the hard dependencies only ...")
        status = self.pytest(list(MINIMAL_TESTS))
        problems = [f"pytest's exit code {status}"] if status else []
        self.report("tests with the hard dependencies only", problems)

    def pytest(self, arguments: list[str]) -> int:
        linked = _linked(arguments)
        recipe = MINIMAL if _names(linked, *MINIMAL_ONLY) else FULL
        browser = _want_browser(linked)
        with ExitStack() as copies:
            copy = copies.enter_context(self.databases.run_copy(recipe, browser))
            self.report(f"installation ({recipe.label})", copy.complaints)
            environment = self._environment()
            if _names(linked, INSTALLS):
                bare = copies.enter_context(self.databases.bare_copy(recipe))
                environment["CUSTOMER_VALUE_BARE_DATABASE"] = bare.name
            process = subprocess.Popen(
                [*self._command(copy.name), *_parallel(arguments), *linked],
                env=environment,
                cwd=DATA_FOLDER,
                stdin=subprocess.DEVNULL,
                pass_fds=[copy.lock.fileno()],
                preexec_fn=die_with_parent,
            )
            try:
                return process.wait()
            except BaseException:
                process.terminate()
                process.wait()
                raise

    def _command(self, database: str) -> list[str]:
        return [
            *(str(self.workspace.python / "python"), "-m", "pytest"),
            *("-p", PLUGIN, "-o", f"cache_dir={CACHE / f'pytest-{REPO_KEY}'}"),
            f"--odoo-config={self.workspace.config('tool')}",
            f"--odoo-database={database}",
            "--odoo-http",
            *(f"--ignore={link_module() / name}" for name in MINIMAL_ONLY),
        ]

    def _environment(self) -> dict[str, str]:
        environment = self.workspace.environment(self.workspace.config("tool"))
        environment["PYTHONPATH"] += f"{os.pathsep}{REPO / 'dev'}"
        environment["CUSTOMER_VALUE_STAGES"] = "\n".join(self.stages)
        environment["CUSTOMER_VALUE_REPORTS"] = str(self.reports)
        environment["PYTHONUNBUFFERED"] = "1"  # a log shows how far it has come
        return environment


def _parallel(arguments: list[str]) -> list[str]:
    """Options that spread the classes of a full run over processes.

    pytest-odoo gives each process a copy of the database.
    """
    processes = min(os.cpu_count() or 1, MOST_PROCESSES)
    if arguments or processes == 1:
        return []
    return ["-n", str(processes), "--dist", "loadscope"]


def _names(linked: list[str], *files: str) -> bool:
    """Whether one of these files is among the tests that are named."""
    wanted = {str(link_module() / file) for file in files}
    return any(word.partition("::")[0] in wanted for word in linked)


def _want_browser(linked: list[str]) -> bool:
    """Whether the tests that are named open pages."""
    module = str(link_module())
    paths = [
        Path(word.partition("::")[0]) for word in linked if word.startswith(module)
    ]
    files = [file for path in paths for file in (path, *path.rglob("*.py"))]
    return any("HttpC" in file.read_text() for file in files if file.is_file())


def _linked(arguments: list[str]) -> list[str]:
    """Name tests by the path under which Odoo knows the module; without any, all."""
    linked = [
        argument if before in TAKES_VALUE else _link(argument)
        for before, argument in zip(["", *arguments], arguments, strict=False)
    ]
    return linked if linked != arguments else [*linked, str(link_module() / "tests")]


def _link(argument: str) -> str:
    """The path of a test, given relative to where we are or to the checkout."""
    name, separator, inner = argument.partition("::")
    for path in (Path.cwd() / name, REPO / name):
        if name and path.exists() and path.resolve().is_relative_to(REPO):
            inside = path.resolve().relative_to(REPO)
            return f"{link_module() / inside}{separator}{inner}"
    return argument
