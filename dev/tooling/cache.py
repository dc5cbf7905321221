"""The folder that holds everything we fetch or build, and how it is shared safely.

Everything in it can be deleted at any time; the next start builds it again. What is
half-made is never taken for made: see `build_once`.
"""

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from .console import Failure, say

REPO = Path(__file__).resolve().parents[2]
MODULE = "customer_value"

_home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
CACHE = Path(_home).absolute() / MODULE


def digest(*parts: object) -> str:
    """A short name for a combination of inputs."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:8]


REPO_KEY = digest(str(REPO))


def make_folder(path: Path) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(
            f"cannot make {path} ({error.strerror}): set XDG_CACHE_HOME to a folder"
            " that you may write"
        ) from error
    if not os.access(path, os.W_OK):
        raise Failure(
            f"cannot write {path}: give it to your user, or set XDG_CACHE_HOME to"
            " another folder"
        )
    return path


class Lock:
    """A lock among processes, released by the system however its holder ends."""

    def __init__(self, name: str):
        self.path = make_folder(CACHE / "locks") / name
        self.file = self.path.open("a")

    def exclusive(self, waiting_for: str = "") -> "Lock":
        return self._take(fcntl.LOCK_EX, waiting_for)

    def shared(self, waiting_for: str = "") -> "Lock":
        return self._take(fcntl.LOCK_SH, waiting_for)

    def try_exclusive(self) -> bool:
        return self._try(fcntl.LOCK_EX)

    def fileno(self) -> int:
        return self.file.fileno()

    def release(self) -> None:
        self.file.close()

    def __enter__(self) -> "Lock":
        return self

    def __exit__(self, *_) -> None:
        self.release()

    def _try(self, kind: int) -> bool:
        try:
            fcntl.flock(self.file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _take(self, kind: int, waiting_for: str) -> "Lock":
        told = False
        while not self._try(kind):
            if not told:
                what = waiting_for or self.path.name
                say(f"Waiting for another run: {what} ...")
                told = True
            time.sleep(0.2)
        return self


def build_once(target: Path, build: Callable[[Path], None], what: str) -> Path:
    """Return the folder `target`, built by `build` unless it is there already.

    A stamp written last tells a finished folder from an interrupted one. Built in
    place, as virtual environments cannot be moved.
    """
    stamp = target / ".complete"
    if not stamp.exists():
        with Lock(f"build-{target.name}").exclusive(what):
            if not stamp.exists():
                shutil.rmtree(target, ignore_errors=True)
                make_folder(target)
                build(target)
                stamp.touch()
    return target
