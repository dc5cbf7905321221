"""A pytest plugin: skipped tests fail the run, and are listed.

A browser test is skipped where the browser is missing, so that nobody would notice.
The stages that dev/test went through before are told here too, as pytest has the last
line of the output.
"""

import os

import pytest


def pytest_terminal_summary(terminalreporter):
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


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter.stats.get("skipped") and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
