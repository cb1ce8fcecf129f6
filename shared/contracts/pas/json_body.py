"""From the bytes of a request to JSON, within stated limits."""

import json
from typing import Any, Never

from shared.contracts.pas.issues import Findings, Issue, Malformed

BODY_BYTES_MAX = 4 * 1024 * 1024  # The FHIR door's promise; a longer body is answered 413.
DEPTH_MAX = 64  # FHIR nests about a dozen deep; a contained questionnaire a few more.
ENTRIES_MAX = 500
NAME_MAX = 64  # Paths in our answers are made of these names, so they are kept short and plain.


def read_json(body: bytes) -> dict[str, Any]:
    """The JSON object in a request's body.

    Raises:
        Malformed: the body is too long, no JSON object, too deep, or breaks a rule of FHIR JSON.

    Source:
        FHIR R4, JSON representation: no null, no empty object, array or string.
    """
    if len(body) > BODY_BYTES_MAX:
        raise Malformed(
            [Issue("error", "too-long", f"The body is longer than {BODY_BYTES_MAX} bytes.")]
        )
    try:
        value = json.loads(body, parse_constant=_refuse_constant)
    except RecursionError:
        raise _malformed("too-costly", "The JSON is nested too deep.") from None
    except ValueError:
        # The parser's own message may quote the body.
        raise _malformed("structure", "The body is no valid JSON.") from None
    if not isinstance(value, dict):
        raise _malformed("structure", "The body is no JSON object.")
    findings = Findings()
    _check_values(value, str(value.get("resourceType", "")), findings, DEPTH_MAX)
    findings.raise_errors()
    return value


def _refuse_constant(_name: str) -> Never:
    raise ValueError


def _malformed(code: str, details: str) -> Malformed:
    return Malformed([Issue("error", code, details)])


def _check_values(value: object, path: str, findings: Findings, depth_left: int) -> None:
    """Note every value that FHIR JSON has no place for."""
    if isinstance(value, str):
        _check_string(value, path, findings)
    elif isinstance(value, dict | list):
        if not value:
            findings.error("structure", "An object or a list must not be empty.", path)
        elif depth_left == 0:
            findings.error("too-costly", f"Elements nest deeper than {DEPTH_MAX}.")
        else:
            _check_children(value, path, findings, depth_left - 1)


def _check_children(
    value: dict[str, Any] | list[Any], path: str, findings: Findings, depth_left: int
) -> None:
    if isinstance(value, list):
        for index, child in enumerate(value):
            # null stands in a list of primitives where the sibling list has an extension.
            _check_values(child, f"{path}[{index}]", findings, depth_left)
    else:
        for name, child in value.items():
            if not _is_element_name(name):
                findings.error("structure", "An element's name is not one of FHIR.", path)
            elif child is None:
                findings.error("structure", "An element must not be null.", f"{path}.{name}")
            else:
                _check_values(child, f"{path}.{name}", findings, depth_left)


def _check_string(value: str, path: str, findings: Findings) -> None:
    if not value.strip():
        findings.error("structure", "A string must not be empty.", path)
    elif not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
        findings.error("structure", "A string must be valid Unicode.", path)


def _is_element_name(name: str) -> bool:
    return len(name) <= NAME_MAX and name.isascii() and name.lstrip("_").isalnum()
