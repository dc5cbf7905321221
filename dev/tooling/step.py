"""Long steps: one line each, their progress while they last, details in a log."""

import os
import re
import selectors
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from .cache import CACHE, make_folder
from .console import Failure, say

LOGS_KEPT = 40
TICK = 1 if sys.stderr.isatty() else 20
_log: Path | None = None


def log_path() -> Path:
    """The file that takes the output of this run's long steps."""
    global _log
    if _log is None:
        folder = make_folder(CACHE / "logs")
        for old in sorted(folder.glob("*.log"))[:-LOGS_KEPT]:
            old.unlink(missing_ok=True)
        _log = folder / f"{datetime.now():%Y%m%d-%H%M%S}-{os.getpid()}.log"
    return _log


class Step:
    """A long step: says what it does, how far it is and how long it took."""

    QUOTED = 1
    """How many lines of output explain a failure, from the one that `blames`."""

    def __init__(self, title: str, advice: str = ""):
        self.title = title
        self.advice = advice
        self.detail = ""
        self.culprit: list[str] = []
        self.tail: deque[str] = deque(maxlen=40)

    def describe(self, line: str) -> str | None:
        """What to show of this line of output as progress, if anything."""

    def blames(self, line: str) -> bool:
        """Whether this line explains a failure; the last one that does is quoted."""
        return bool(line.strip())

    def run(self, command: Sequence[str | Path], *, stdin: str = "", **popen) -> None:
        """Run a command to its end; its output goes to the log. Raise on failure."""
        say(f"{self.title} ...")
        self.started = self.shown = time.monotonic()
        with log_path().open("a") as log:
            print(f"\n$ {' '.join(map(str, command))}", file=log, flush=True)
            status = self._follow(command, stdin, log, popen)
        self._wipe()
        if status:
            self._fail(status)
        seconds = round(time.monotonic() - self.started)
        if seconds > 2:
            say(f"{self.title}: done in {seconds} s")

    def _follow(self, command, stdin: str, log, popen) -> int:
        process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            **popen,
        )
        with process:
            if stdin:
                process.stdin.write(stdin.encode())
                process.stdin.close()
            for line in self._lines(process.stdout):
                log.write(line + "\n")
                log.flush()
                self._read(line)
        return process.returncode

    def _lines(self, stream):
        """Yield the stream's lines, ticking while there are none."""
        pending = b""
        with selectors.DefaultSelector() as selector:
            selector.register(stream, selectors.EVENT_READ)
            while True:
                if selector.select(timeout=TICK):
                    chunk = os.read(stream.fileno(), 65536)
                    if not chunk:
                        break
                    *lines, pending = re.split(rb"[\r\n]", pending + chunk)
                    yield from (line.decode(errors="replace") for line in lines)
                self._tick()
        if pending:
            yield pending.decode(errors="replace")

    def _read(self, line: str) -> None:
        self.tail.append(line)
        self.detail = self.describe(line) or self.detail
        if self.blames(line):
            self.culprit = [line.strip()]
        elif 0 < len(self.culprit) < self.QUOTED:
            self.culprit.append(line.strip())

    def _tick(self) -> None:
        now = time.monotonic()
        if now - self.shown < TICK:
            return
        self.shown = now
        text = f"  {round(now - self.started)} s  {self.detail}".rstrip()
        if sys.stderr.isatty():
            print(f"\r\033[K{text[:100]}", end="", file=sys.stderr, flush=True)
        else:
            say(text)

    def _wipe(self) -> None:
        if sys.stderr.isatty():
            print("\r\033[K", end="", file=sys.stderr, flush=True)

    def _fail(self, status: int):
        if os.environ.get("CI"):
            say("\n".join(self.tail))
        quoted = " ".join(self.culprit)[:400].strip()
        said = f": {quoted}" if quoted else f" (exit code {status})"
        advice = f" -- {self.advice}" if self.advice else ""
        raise Failure(f"{self.title} failed{said}{advice} (log: {log_path()})")
