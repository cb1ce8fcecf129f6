"""What US Core asks of the people and organisations in a PAS bundle."""

from shared.contracts.pas.element import Element

_REQUIRED = {
    "Patient": ("identifier", "name", "gender"),
    "Organization": ("active", "name"),
    "Practitioner": ("identifier", "name"),
}
_GENDERS = frozenset({"male", "female", "other", "unknown"})


def check_us_core(resource: Element) -> None:
    """Note what US Core requires and the resource lacks.

    Source:
        US Core 3.1.1 and later, profiles patient, organization and practitioner, which those of
        PAS are built on.
    """
    kind = resource.text("resourceType")
    for name in _REQUIRED.get(kind, ()):
        if name not in resource.json:
            resource.error("required", f"{name} is missing.", name)
    if kind == "Patient" and resource.text("gender") not in _GENDERS | {""}:
        resource.error("code-invalid", "gender is no code of FHIR.", "gender")
