"""The base rules of FHIR R4, by a library that knows every resource."""

from typing import Any

from shared.contracts.pas.issues import Findings

_MEANINGS = {
    "missing": ("required", "An element that FHIR requires is missing."),
    "extra_forbidden": ("structure", "FHIR has no such element here."),
}
_OTHER = ("structure", "The value is not what FHIR R4 allows here.")


def check_base_structure(bundle: dict[str, Any], findings: Findings) -> None:
    """Note what breaks FHIR R4 itself in a bundle, and in each of its resources."""
    frame = [{name: each[name] for name in each if name != "resource"} for each in bundle["entry"]]
    check_resource(bundle | {"entry": frame}, "Bundle", findings)
    for index, entry in enumerate(bundle["entry"]):
        check_resource(entry["resource"], f"Bundle.entry[{index}].resource", findings)


def check_resource(resource: dict[str, Any], path: str, findings: Findings) -> None:
    """Note what breaks FHIR R4 itself: unknown elements, missing ones, wrong types.

    The library's own messages quote the value, which may be health data; only its place is kept.

    Source:
        FHIR R4 (the R4B models of fhir.resources; the two are alike in every resource that a
        PAS bundle carries).
    """
    # Imported when the first resource arrives: it takes 0.3 s, which a timer never needs.
    from fhir.resources.R4B import get_fhir_model_class  # noqa: PLC0415 - see above
    from pydantic import ValidationError  # noqa: PLC0415 - see above

    try:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    except ValidationError as invalid:
        for fault in invalid.errors(include_url=False, include_input=False):
            code, details = _MEANINGS.get(fault["type"], _OTHER)
            findings.error(code, details, path + _path(fault["loc"]))
    except (KeyError, TypeError):
        findings.error("structure", "A resource is of no type that FHIR R4 knows.", path)


def _path(place: tuple[int | str, ...]) -> str:
    """A FHIRPath from the steps of a validation error."""
    return "".join(
        f"[{step}]" if isinstance(step, int) else f".{step}" for step in place if step != "root"
    )
