"""Distinct errors for bad input that the tests provoke.

KERAS_BACKEND=torch python benchmarks/bad_inputs.py [--list]

Runs the tests and collects the messages of the exceptions in `pytest.raises`. Messages that differ only
in numbers, paths, quoted names and in what was received are one.
"""

import argparse
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
USER_ERRORS = (ValueError, TypeError, KeyError, OSError, ImportError)


class Collector:
    """A plugin of pytest: the messages, by their text without what varies."""

    def __init__(self):
        self.messages = {}
        leave = pytest.RaisesExc.__exit__

        def collect(context, kind, error, trace):
            accepted = leave(context, kind, error, trace)
            if accepted and isinstance(error, USER_ERRORS):
                self.add(f"{kind.__name__}: {error}")
            return accepted

        pytest.RaisesExc.__exit__ = collect

    def add(self, message):
        rule = message.split("Received:")[0]
        general = re.sub(r"'[^']*'|\d[\d,.]*|/\S+", "_", rule)
        self.messages.setdefault(general, message)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--list", action="store_true", help="print the messages")
    parser.add_argument("tests", nargs="*", default=["tests"], help="default: all")
    arguments = parser.parse_args()
    collector = Collector()
    status = pytest.main(["-q", "--rootdir", str(ROOT), *arguments.tests], plugins=[collector])
    if arguments.list:
        print(*sorted(collector.messages.values()), sep="\n")
    print(f"{len(collector.messages)} distinct errors for bad input")
    sys.exit(status)


if __name__ == "__main__":
    main()
