"""Stories followed through the management API."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from tests.localhost.functions_host.running_host import RunningHost, until

BASE = "/runtime/webhooks/durabletask"
JSON = {"Content-Type": "application/json"}


def code_of(host: RunningHost) -> str:
    return "code=" + quote(host.keys()["durable"], safe="")


def start(host: RunningHost, story: str, value: Any = None) -> dict[str, str]:
    """Start a story through the application; answers its management URLs."""
    answer = host.call("POST", f"/api/start/{story}", json.dumps(value))
    assert answer.status == 202
    urls: dict[str, str] = answer.json()
    assert answer.headers["Location"] == urls["statusQueryGetUri"]
    return urls


def status_when(
    host: RunningHost, urls: dict[str, str], condition: Callable[[Any], bool]
) -> dict[str, Any]:
    def look() -> Any:
        shown = host.call("GET", urls["statusQueryGetUri"]).json()
        return shown if condition(shown) else None

    found: dict[str, Any] = until(look)
    return found


def ended(host: RunningHost, urls: dict[str, str]) -> dict[str, Any]:
    over = ("Completed", "Failed", "Terminated")
    return status_when(host, urls, lambda shown: shown["runtimeStatus"] in over)
