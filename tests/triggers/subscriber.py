"""A provider organisation's endpoint: a real HTTP server that keeps what it is sent."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOPIC = "http://hl7.org/fhir/us/davinci-pas/SubscriptionTopic/PASSubscriptionTopic"
BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-"


@dataclass
class Subscriber:
    """What came to the endpoint.

    Attributes:
        failures: how many of the coming notifications it fails to take.
        hangs: whether it lets everybody wait for an answer until it is closed.
        seen: the bundles it was sent, those it failed to take among them; keys: of idempotency.
    """

    url: str = ""
    failures: int = 0
    hangs: bool = False
    seen: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def kinds(self) -> list[str]:
        """What kind of notification each was."""
        return [_status(bundle, "type")["valueCode"] for bundle in self.seen]

    def events(self) -> list[dict[str, Any]]:
        """The notifications of events."""
        return [
            bundle
            for bundle, kind in zip(self.seen, self.kinds(), strict=True)
            if kind == "event-notification"
        ]


@contextmanager
def subscriber() -> Iterator[Subscriber]:
    """A subscriber that listens."""
    kept, closing = Subscriber(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            kept.seen.append(json.loads(body))
            kept.keys.append(self.headers["idempotency-key"])
            if kept.hangs:
                closing.wait()
            fails = kept.failures > 0
            kept.failures -= fails
            self.send_response(503 if fails else 200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    kept.url = f"http://127.0.0.1:{server.server_port}/notify"
    try:
        yield kept
    finally:
        closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


def subscription_for(npi: str, endpoint: str, *, content: str = "full-resource") -> dict[str, Any]:
    """The Subscription that a provider organisation sends."""
    return {
        "resourceType": "Subscription",
        "status": "requested",
        "reason": "To hear of our requests",
        "criteria": TOPIC,
        "_criteria": {
            "extension": [
                {"url": f"{BACKPORT}filter-criteria", "valueString": f"orgIdentifier={npi}"}
            ]
        },
        "channel": {
            "type": "rest-hook",
            "endpoint": endpoint,
            "payload": "application/fhir+json",
            "_payload": {
                "extension": [{"url": f"{BACKPORT}payload-content", "valueCode": content}]
            },
            "header": ["Authorization: Bearer of-theirs"],
        },
    }


def _status(bundle: dict[str, Any], name: str) -> dict[str, Any]:
    parameters = bundle["entry"][0]["resource"]["parameter"]
    return next(each for each in parameters if each["name"] == name)
