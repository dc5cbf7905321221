"""Odoo's log, read while Odoo runs as a long step."""

import re

from .step import Step

LOG_LINE = re.compile(
    r"\S+ \S+ \d+ (?P<level>[A-Z]+) \S+ (?P<logger>\S+): (?P<text>.*)"
)
LOADING = re.compile(r"Loading module (\S+) \((\d+)/(\d+)\)")
TRACEBACK_END = re.compile(r"[\w.]+(Error|Exception|Warning)\b")
COMPLAINTS = ("WARNING", "ERROR", "CRITICAL")
DEMO_FAILED = "demo data failed to install"


class OdooStep(Step):
    """Shows the module at work; collects what Odoo complained about."""

    QUOTED = 2

    def __init__(self, title: str, advice: str = ""):
        super().__init__(title, advice)
        self.complaints: list[str] = []

    def describe(self, line: str) -> str | None:
        found = LOG_LINE.match(line)
        if found and found["level"] in COMPLAINTS:
            self.complaints.append(f"{found['logger']}: {found['text']}")
        loading = LOADING.search(line)
        return f"{loading[2]}/{loading[3]} {loading[1]}" if loading else None

    def blames(self, line: str) -> bool:
        """An error of Odoo's, or the last line of a traceback."""
        found = LOG_LINE.match(line)
        if found:
            return found["level"] in ("ERROR", "CRITICAL")
        return bool(TRACEBACK_END.match(line))

    @property
    def demo_failed(self) -> bool:
        """Odoo goes on without the demo data of a module that fails to load."""
        return any(DEMO_FAILED in complaint for complaint in self.complaints)
