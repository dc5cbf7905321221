"""What a person sees: plain lines on standard error, one line per failure."""

import sys


class Failure(Exception):
    """What failed and what to do about it, in one line."""


def say(text: str) -> None:
    """Print on standard error: standard output stays the command's own."""
    print(text, file=sys.stderr, flush=True)
