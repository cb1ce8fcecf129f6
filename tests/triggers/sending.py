"""Sending requests to the running product, each as a case of its own."""

import copy
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from localhost.sample_case import sample_bundle
from localhost.started_host import Answer, StartedHost

DATA = Path(os.environ.get("CONFORMANCE_DATA", Path(__file__).parents[3] / "shared" / "data"))
SUBMIT = "/api/fhir/Claim/$submit"


def fixture(name: str) -> dict[str, Any]:
    """A bundle that others wrote; the test is skipped where their data is absent."""
    path = DATA / "fhir" / name
    if not path.exists():
        pytest.skip(f"the conformance data is not here: set CONFORMANCE_DATA ({name})")
    bundle: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return bundle


def fresh(bundle: dict[str, Any]) -> dict[str, Any]:
    """The bundle under a claim identifier of its own."""
    copied = copy.deepcopy(bundle)
    copied["entry"][0]["resource"]["identifier"][0]["value"] = uuid4().hex
    return copied


def submit(host: StartedHost, bundle: Any) -> Answer:
    """Send a bundle to the FHIR door."""
    return host.post(SUBMIT, bundle)


def submit_sample(host: StartedHost, name: str) -> tuple[str, dict[str, Any]]:
    """Send a sample of ours, and answer the case's id and the ClaimResponse."""
    answer = submit(host, sample_bundle(name))
    assert answer.status == 200, answer.body
    return answer.headers["x-careloom-case-id"], answer.body["entry"][0]["resource"]


def actions(response: dict[str, Any]) -> dict[int, str]:
    """The review action code of each item of a ClaimResponse."""
    found = {}
    for item in response["item"]:
        for extension in item["adjudication"][0]["extension"]:
            for inner in extension.get("extension", []):
                if inner["url"].endswith("reviewActionCode"):
                    found[item["itemSequence"]] = inner["valueCodeableConcept"]["coding"][0]["code"]
    return found


def eventually[Value](look: Callable[[], Value | None], *, within_seconds: float = 20) -> Value:
    """What a look sees, once it sees something true."""
    end = time.monotonic() + within_seconds
    while True:
        seen = look()
        if seen:
            return seen
        assert time.monotonic() < end, f"still {seen!r} after {within_seconds} s"
        time.sleep(0.1)


def case_of(host: StartedHost, case_id: str) -> dict[str, Any]:
    """The case as the API shows it."""
    answer = host.get(f"/api/cases/{case_id}")
    assert answer.status == 200, answer.body
    case: dict[str, Any] = answer.body
    return case
