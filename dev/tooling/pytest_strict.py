"""A pytest plugin: skipped tests fail the run, and earlier stages count in the last.

A browser test is skipped where the browser is missing, so that nobody would notice.
pytest has the last line of the output: it counts the tests of all stages, and what
else dev/test went through is told above it.
"""

import json
import os
from pathlib import Path

import pytest

COUNTED = ("passed", "failed", "error", "skipped")


def pytest_terminal_summary(terminalreporter):
    """Comes after this stage's failures are shown, before all stages' are counted."""
    if _is_one_of_several(terminalreporter.config):
        return
    stages = os.environ.get("CUSTOMER_VALUE_STAGES")
    if stages:
        terminalreporter.section("stages before")
        terminalreporter.write_line(stages)
    skipped = terminalreporter.stats.get("skipped", ())
    if skipped:
        terminalreporter.section("skipped tests fail the run")
    for report in skipped:
        *_place, reason = report.longrepr
        terminalreporter.write_line(f"{report.nodeid}: {reason}")
    _count_all_stages(terminalreporter)


def _count_all_stages(terminalreporter):
    """Add the reports of the stages before, and keep all for the stage after."""
    stats, config = terminalreporter.stats, terminalreporter.config
    to_data = config.hook.pytest_report_to_serializable
    from_data = config.hook.pytest_report_from_serializable
    kept = Path(os.environ["CUSTOMER_VALUE_REPORTS"])
    earlier = json.loads(kept.read_text()) if kept.exists() else {}
    for outcome, reports in earlier.items():
        restored = [from_data(config=config, data=data) for data in reports]
        stats.setdefault(outcome, []).extend(restored)
    all_stages = {
        outcome: [to_data(config=config, report=one) for one in stats.get(outcome, ())]
        for outcome in COUNTED
    }
    # of several processes, a report names the one it comes from, which is no data
    kept.write_text(json.dumps(all_stages, default=str))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    if _is_one_of_several(session.config):
        return
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter.stats.get("skipped") and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _is_one_of_several(config):
    """Whether pytest-xdist started this process; the one that started it counts."""
    return hasattr(config, "workerinput")
