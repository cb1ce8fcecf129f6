"""The keys that open functions and administration, kept below the data folder.

The same kinds as in Azure: a master key, a host key for every function, a key per function, and the
system key of the Durable extension, which travels in management URLs; besides, the keys of the
local Cosmos gateway and Event Hubs broker.
"""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from localhost.functions_host.startup import StartupError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FILE = "keys.json"
KEY_BYTES = 32

_SINGLE = ("master", "host", "durable", "cosmos", "events")

ANONYMOUS, FUNCTION, ADMIN = "ANONYMOUS", "FUNCTION", "ADMIN"


@dataclass
class Keys:
    """The keys of one data folder."""

    master: str
    host: str
    durable: str
    cosmos: str
    events: str
    functions: dict[str, str] = field(default_factory=dict)

    def opens(self, level: str, function: str, offered: str) -> bool:
        """Whether the key that a caller offers is enough for the auth level of a function."""
        if level == ANONYMOUS:
            return True
        enough = [self.master]
        if level == FUNCTION:
            enough += [self.host, self.functions.get(function, "")]
        return matches(offered, enough)


def matches(offered: str, keys: Iterable[str]) -> bool:
    """Whether the offered key is one of these."""
    raw = offered.encode(errors="surrogateescape")
    return any(bool(key) and secrets.compare_digest(raw, key.encode()) for key in keys)


def open_keys(data: Path, functions: Iterable[str] = ()) -> Keys:
    """Read the keys, and make and keep those that are missing.

    Raises:
        StartupError: the file is damaged.
    """
    file = data / FILE
    content = _read(file) if file.exists() else {}
    named = content.get("functions", {})
    missing = {name: _fresh() for name in {*functions} - {*named}}
    single = {name: content.get(name) or _fresh() for name in _SINGLE}
    keys = Keys(**single, functions={**named, **missing})
    if vars(keys) != content:
        partial = file.with_suffix(".partial")
        partial.touch(mode=0o600)
        partial.write_text(json.dumps(vars(keys), indent=2, sort_keys=True))
        partial.replace(file)
    return keys


def _read(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text())
    except ValueError:
        content = None
    if not isinstance(content, dict):
        msg = f"{file} is damaged; delete it, and the host makes new keys"
        raise StartupError(msg)
    return content


def _fresh() -> str:
    """A new key in base64, the form that the keys of Cosmos DB and Event Hubs must have."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
