"""From the bytes of a request to JSON, within stated limits."""

import json
import math
import re
from typing import Any, Never

from shared.contracts.pas.issues import Findings, Issue, Malformed
from shared.contracts.pas.names import INFO_CANCELLED

BODY_BYTES_MAX = 1_500_000  # A row of Cosmos DB holds 2 MB: the bundle and what was read of it.
_GROWTH_MAX = 5  # A body at most grows so many times when it is written again, as 1e15 does.
DEPTH_MAX = 64  # FHIR nests about a dozen deep; a contained questionnaire a few more.
ENTRIES_MAX = 500
_EXTENSIONS = frozenset({"extension", "modifierExtension"})
_JUDGED = _EXTENSIONS | {"implicitRules"}
_CANCELLABLE = re.compile(r".*\.(item|supportingInfo)\[\d+\]\.modifierExtension")
NAME_MAX = 64  # Paths in our answers are made of these names, so they are kept short and plain.


def read_json(body: bytes) -> dict[str, Any]:
    """The JSON object in a request's body.

    Raises:
        Malformed: the body is too long, no JSON object, or nested too deep.
    """
    too_long = f"The body is longer than {BODY_BYTES_MAX} bytes, characters beyond ASCII escaped."
    if len(body) > BODY_BYTES_MAX:
        raise _malformed("too-long", too_long)
    try:
        value = json.loads(
            body, parse_constant=_refuse_constant, parse_float=_float, parse_int=_integer
        )
        if b"\\u" in body:
            # An escape may make half a character, which no answer could be written with.
            json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise _malformed("too-costly", "The JSON is nested too deep.") from None
    except ValueError:
        # The parser's own message may quote the body.
        raise _malformed("structure", "The body is no valid JSON.") from None
    if not isinstance(value, dict):
        raise _malformed("structure", "The body is no JSON object.")
    if _is_deeper(value, DEPTH_MAX):
        raise _malformed("too-costly", f"The JSON is nested deeper than {DEPTH_MAX}.")
    # The limit is one of the store, so what counts is what is written there.
    if len(body) * _GROWTH_MAX > BODY_BYTES_MAX and len(written(value)) > BODY_BYTES_MAX:
        raise _malformed("too-long", too_long)
    return value


def written(value: object) -> str:
    """JSON as the store's client writes it: no space, and every character beyond ASCII escaped."""
    return json.dumps(value, separators=(",", ":"))


def read_resource(body: bytes) -> dict[str, Any]:
    """The FHIR resource in a request's body.

    Raises:
        Malformed: as read_json, or the body breaks a rule of FHIR JSON, or
            holds a modifier that is not known here.

    Source:
        FHIR R4, JSON representation: no null, no empty object, array or string; extensibility.
    """
    value = read_json(body)
    findings = Findings()
    kind = value.get("resourceType")
    if not isinstance(kind, str) or not _is_element_name(kind):
        raise _malformed("structure", "The body is no FHIR resource: resourceType is missing.")
    _check_values(value, kind, findings)
    findings.raise_errors()
    return value


def _refuse_constant(_name: str) -> Never:
    raise ValueError


def _float(text: str) -> float:
    """A number that a double can hold, as the store and other readers of JSON take it."""
    if not math.isfinite(value := float(text)):
        raise ValueError
    return value


def _integer(text: str) -> int:
    _float(text)
    return int(text)


def _malformed(code: str, details: str) -> Malformed:
    return Malformed([Issue("error", code, details)])


def _is_deeper(value: object, depth_left: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    children = value.values() if isinstance(value, dict) else value
    return depth_left == 0 or any(_is_deeper(child, depth_left - 1) for child in children)


def _check_values(value: object, path: str, findings: Findings) -> None:
    """Note every value that FHIR JSON has no place for."""
    if isinstance(value, str):
        if not value.strip():
            findings.error("structure", "A string must not be empty.", path)
    elif isinstance(value, dict | list) and not value:
        findings.error("structure", "An object or a list must not be empty.", path)
    elif isinstance(value, list):
        for index, child in enumerate(value):
            # null stands in a list of primitives where the sibling list has an extension.
            _check_values(child, f"{path}[{index}]", findings)
    elif isinstance(value, dict):
        _check_object(value, path, findings)


def _check_object(value: dict[str, Any], path: str, findings: Findings) -> None:
    for name, child in value.items():
        if not _is_element_name(name):
            findings.error("structure", "An element's name is not one of FHIR.", path)
        elif child is None:
            findings.error("structure", "An element must not be null.", f"{path}.{name}")
        else:
            if name in _JUDGED:
                _check_meaning(name, child, f"{path}.{name}", findings)
            _check_values(child, f"{path}.{name}", findings)


def _check_meaning(name: str, value: object, path: str, findings: Findings) -> None:
    """Note what may change the meaning of the resource in a way that nobody here knows.

    Source:
        FHIR R4, extensibility: no processing past a modifier extension that is not understood;
        Resource.implicitRules is a modifier too. Da Vinci PAS, infoCancelled: the only one, of an
        item or a piece of information.
    """
    if name not in _EXTENSIONS:
        findings.error("not-supported", "No implicit rules are known here.", path)
        return
    extensions = value if isinstance(value, list) else []
    _check_extensions(extensions, path, findings)
    if name == "extension":
        return
    for index, extension in enumerate(extensions):
        url = extension.get("url") if isinstance(extension, dict) else None
        if url != INFO_CANCELLED or not _CANCELLABLE.fullmatch(path):
            details = "A modifier extension is not known here."
            findings.error("extension", details, f"{path}[{index}]")


def _check_extensions(extensions: list[Any], path: str, findings: Findings) -> None:
    """Note an extension that says nothing, or says it twice.

    Source: FHIR R4, Extension: a URL, and either a value or extensions (ext-1).
    """
    for index, extension in enumerate(extensions):
        if isinstance(extension, dict):
            names = {each.removeprefix("_") for each in extension}
            says = [each for each in names if each == "extension" or each.startswith("value")]
            if len(says) != 1 or not isinstance(extension.get("url"), str):
                details = "An extension has a url, and either a value or extensions."
                findings.error("invariant", details, f"{path}[{index}]")


def _is_element_name(name: str) -> bool:
    return len(name) <= NAME_MAX and name.isascii() and name.removeprefix("_").isalnum()
