"""Entry point of the developer commands: `main.py COMMAND [arguments]`."""

import importlib
import signal
import sys

from tooling.console import Failure, say

COMMANDS = ("run", "test", "lint", "i18n", "bench", "odoo", "psql")


def main(argv: list[str]) -> int:
    command, *arguments = argv
    if command not in COMMANDS:
        raise Failure(f"no such command: {command}; there are {', '.join(COMMANDS)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    module = importlib.import_module(f"tooling.command_{command}")
    return module.main(arguments)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Failure as failure:
        say(f"customer_value: {failure}")
        sys.exit(1)
    except KeyboardInterrupt:
        say("customer_value: interrupted; the next start takes up from here")
        sys.exit(130)
