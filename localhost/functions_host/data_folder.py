"""The folder that holds everything a host remembers; one host at a time may use it."""

from __future__ import annotations

import fcntl
import json
import os
from typing import TYPE_CHECKING

from localhost.functions_host.startup import StartupError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LOCK_FILE = "host.lock"
CONNECTIONS_FILE = "connections.json"


class DataFolder:
    """A data folder that this process holds until it ends or closes it.

    Raises:
        StartupError: if another host uses the folder, or it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True)
            path.chmod(0o700)  # It holds health data.
            self._lock = os.open(path / LOCK_FILE, os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            msg = f"the data folder {path} cannot be used: {error.strerror}"
            raise StartupError(msg) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            msg = f"the data folder {path} is in use by another host; stop it, or choose --data"
            raise StartupError(msg) from None

    def publish(self, connections: Mapping[str, str]) -> None:
        """Write how to reach the local services, for whoever may read the folder."""
        partial = self.path / f"{CONNECTIONS_FILE}.new"
        partial.touch(mode=0o600)
        partial.write_text(json.dumps(connections, indent=2, sort_keys=True) + "\n")
        partial.replace(self.path / CONNECTIONS_FILE)

    def close(self) -> None:
        """Let another host use the folder."""
        os.close(self._lock)
