"""A changed request, judged: which part to change, and where it is at fault."""

import json
import re
from typing import Any

from shared.contracts.pas import Malformed, read_submit

type Resource = dict[str, Any]

STRANGE = {"coding": [{"system": "http://snomed.info/sct", "code": "306206005"}]}


def first(bundle: Resource, kind: str) -> Resource:
    """The first resource of a kind."""
    return next(
        entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind
    )


def places_of(bundle: Resource, version: str) -> list[str]:
    """Where a request of that version is at fault; nowhere where it is accepted."""
    [profile] = bundle["meta"]["profile"]
    bundle["meta"]["profile"] = [f"{profile}|{version}"]
    try:
        read_submit(json.dumps(bundle).encode())
    except Malformed as refused:
        return [re.sub(r"entry\[\d+\]", "entry", issue.expression) for issue in refused.issues]
    return []
