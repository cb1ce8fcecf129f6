"""The command line of the local platform: `python -m localhost COMMAND`.

Each command is a module of its own beside this one, loaded only when it is asked for. It has two
functions: `add_arguments(parser)` and `run(arguments)`, which answers the exit code.
"""

import argparse
import importlib
import sys

PYTHON_NEEDED = (3, 13)

COMMANDS = {
    "demo": "take one sample prior authorization from submission to decision",
    "load": "drive prior authorizations over HTTP, and prove that none was lost or done twice",
    "rules": "test, analyse, trace and compare the decision models; decide a past case again",
    "run": "serve, and run a sample case to look at",
    "serve": "run the application: functions host, task hub, Cosmos gateway, Event Hubs broker",
}


def main(arguments):  # type: ignore[no-untyped-def]  # must also parse on an older Python
    """Run one command; answers the exit code."""
    if sys.version_info[:2] != PYTHON_NEEDED:
        needed = ".".join(map(str, PYTHON_NEEDED))
        found = ".".join(map(str, sys.version_info[:2]))
        sys.stderr.write(
            "Careloom needs Python " + needed + ", and this is " + found + ": run 'make setup', "
            "or install Python " + needed + " from https://www.python.org/downloads\n"
        )
        return 2
    known = "; ".join(name + ": " + what for name, what in sorted(COMMANDS.items()))
    parser = argparse.ArgumentParser(
        prog="python -m localhost", description=__doc__.splitlines()[0]
    )
    parser.add_argument("command", choices=sorted(COMMANDS), metavar="COMMAND", help=known)
    chosen = parser.parse_args(arguments[:1]).command
    module = importlib.import_module("localhost." + chosen)
    command = argparse.ArgumentParser(
        prog="python -m localhost " + chosen, description=COMMANDS[chosen]
    )
    module.add_arguments(command)
    return module.run(command.parse_args(arguments[1:]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))  # type: ignore[no-untyped-call]  # see main
