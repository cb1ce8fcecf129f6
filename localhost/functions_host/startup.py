"""Why the host does not start, said in one sentence."""

from __future__ import annotations

from shared.errors import CareloomError


class StartupError(CareloomError):
    """The host cannot start; the message is one sentence that says what to change.

    The command line prints it and exits with EXIT_REFUSED.
    """


EXIT_REFUSED = 2

ENTRY_FILE = "function_app.py"
"""The module that declares the application's functions."""
