"""dev/lint: the static checks, with the ecosystem's tools at pinned versions."""

import argparse
import os
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from . import system
from .cache import CACHE, REPO, build_once, digest
from .console import say
from .python_env import python_env
from .step import Step
from .workspace import link_module

NOT_OURS = {"__pycache__", "node_modules", "lib", "dist"}
PRETTY = (".css", ".js", ".json", ".mjs", ".scss", ".xml", ".yaml", ".yml")


@dataclass(frozen=True)
class Tools:
    python: Path
    node: Path

    def script(self, package: str, script: str) -> list[str | Path]:
        return ["node", self.node / "node_modules" / package / script]


@dataclass(frozen=True)
class Check:
    """A tool and its command line, whether `fix` is wanted or not."""

    name: str
    command: Callable[[Tools, bool], list]
    applies_to: Callable[[], object] = lambda: True


def _ruff_check(tools: Tools, fix: bool) -> list:
    return [
        tools.python / "ruff",
        "check",
        "--no-cache",
        *(["--fix"] if fix else []),
        ".",
    ]


def _ruff_format(tools: Tools, fix: bool) -> list:
    check = [] if fix else ["--check"]
    return [tools.python / "ruff", "format", "--no-cache", *check, "."]


def _pylint(tools: Tools, fix: bool) -> list:
    # An optional hint: our configuration models hold a handful of records.
    rules = (f"--rcfile={REPO / '.pylintrc-mandatory'}", "--disable=no-search-all")
    return [tools.python / "pylint", *rules, link_module()]


def _oca_module(tools: Tools, fix: bool) -> list:
    return [tools.python / "oca-checks-odoo-module", link_module()]


def _oca_po(tools: Tools, fix: bool) -> list:
    return [tools.python / "oca-checks-po", *_files(".po", ".pot")]


def _prettier(tools: Tools, fix: bool) -> list:
    plugin = tools.node / "node_modules/@prettier/plugin-xml/src/plugin.js"
    mode = "--write" if fix else "--check"
    options = ["--log-level=warn", f"--plugin={plugin}", mode]
    program = tools.script("prettier", "bin/prettier.cjs")
    return [*program, *options, *_files(*PRETTY)]


def _eslint(tools: Tools, fix: bool) -> list:
    program = tools.script("eslint", "bin/eslint.js")
    return [*program, *(["--fix"] if fix else []), *_files(".js")]


CHECKS = (
    Check("ruff-check", _ruff_check),
    Check("ruff-format", _ruff_format),
    Check("pylint", _pylint),
    Check("oca-module", _oca_module),
    Check("oca-po", _oca_po, lambda: _files(".po", ".pot")),
    Check("prettier", _prettier),
    Check("eslint", _eslint, lambda: _files(".js")),
)


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    failed = lint(options.fix, set(options.checks))
    return 1 if failed else 0


def lint(fix: bool = False, only: set[str] | None = None) -> list[str]:
    """Run the checks, print what they find, return the names of those that failed."""
    checks = [check for check in CHECKS if not only or check.name in only]
    checks = [check for check in checks if check.applies_to()]
    tools = _tools()
    say("Static checks ...")
    # Tools that change files take turns.
    with ThreadPoolExecutor(max_workers=1 if fix else os.cpu_count()) as pool:
        results = list(pool.map(lambda check: _run(check, tools, fix), checks))
    failed = []
    for check, (status, output) in zip(checks, results, strict=True):
        say(f"  {check.name}: {'FAILED' if status else 'ok'}")
        if status:
            say(output)
            failed.append(check.name)
    return failed


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="dev/lint", description=__doc__)
    parser.add_argument("--fix", action="store_true", help="correct what can be")
    names = [check.name for check in CHECKS]
    parser.add_argument("checks", nargs="*", metavar="check", help=", ".join(names))
    options = parser.parse_args(arguments)
    unknown = set(options.checks) - set(names)
    if unknown:
        parser.error(
            f"no such check: {', '.join(unknown)}; there are {', '.join(names)}"
        )
    return options


def _run(check: Check, tools: Tools, fix: bool) -> tuple[int, str]:
    done = subprocess.run(
        [str(word) for word in check.command(tools, fix)],
        cwd=REPO,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYLINTHOME": str(CACHE)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.returncode, done.stdout.strip().replace(f"{link_module()}/", "")


def _tools() -> Tools:
    system.need(system.VENV, system.NODE)
    return Tools(python_env("requirements-lint.txt"), _node_env())


def _node_env() -> Path:
    """The folder with the pinned JavaScript tools."""
    pinned = [REPO / "dev" / name for name in ("package.json", "package-lock.json")]

    def build(folder: Path) -> None:
        for file in pinned:
            (folder / file.name).write_bytes(file.read_bytes())
        install = ("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
        step = Step(
            "Installing prettier and eslint", "check the network and start again"
        )
        step.run(install, cwd=folder)

    key = digest(*(file.read_text() for file in pinned))
    return build_once(CACHE / f"node-{key}", build, "installing prettier and eslint")


def _files(*suffixes: str) -> list[str]:
    """The checkout's files with one of these endings, relative to it."""
    found = []
    for folder, folders, names in os.walk(REPO):
        folders[:] = sorted(
            name for name in folders if name not in NOT_OURS and name != ".git"
        )
        found += [Path(folder, name).relative_to(REPO) for name in sorted(names)]
    return [str(path) for path in found if path.suffix in suffixes]
