"""Who takes part in a request: the member, the requestor, the insurer, the care team."""

from collections.abc import Mapping

from shared.contracts.pas.element import Element
from shared.contracts.pas.entries import Entries, logical_identifier
from shared.contracts.pas.names import V2_2_1
from shared.contracts.pas.profiles import check_rows, pas_rows
from shared.domain.prior_authorization.request import NPI, Identifier, Party

# Who may take each part: by resource type, the profile that he is held to.
INSURERS = {"Organization": "profile-insurer"}
REQUESTORS = {
    "Organization": "profile-requestor",
    "Practitioner": "profile-practitioner",
    "PractitionerRole": "profile-practitionerrole",
}
CARE_TEAM = REQUESTORS | {"Organization": "profile-organization"}
# PAS 1.1, which reads as 2.0.1, lets a person act without his role.
_ENDED_WITH_2_2 = frozenset({"Practitioner"})
_ABOUT = ("subject", "patient")  # As the many kinds of resources say whom they tell of.
_PLACES = {"Encounter": ("location", "location"), "PractitionerRole": ("location",)}
_BEHIND_A_ROLE = (("practitioner", "Practitioner"), ("organization", "Organization"))


def read_party(
    parent: Element,
    name: str,
    profiles: Mapping[str, str],
    entries: Entries,
    *,
    holder: Element,
    version: str,
) -> Party | None:
    """The party that the Reference under the name points at; None where it has no identifier.

    A practitioner's role without an identifier of its own is known by its practitioner's, else
    by its organisation's.

    Args:
        profiles: the profile that is asked of each resource type allowed.

    Source:
        Da Vinci PAS 2.2.1, Claim.provider and Claim.careTeam.provider: an organisation or a role.
    """
    allowed = profiles.keys() - _ENDED_WITH_2_2 if version == V2_2_1 else profiles
    resource = entries.resolve(parent, name, allowed, holder=holder)
    if resource is None:
        identifier = logical_identifier(parent, name)
        return Party(identifier) if identifier else None
    kind = resource.text("resourceType")
    check_rows(resource, pas_rows(profiles[kind], version))
    if kind in _PLACES:
        check_places(resource, entries, version)
    identifier = _identifier_of(resource)
    if identifier:
        return Party(identifier, _name_of(resource))
    for reference, expected in _BEHIND_A_ROLE:
        behind = _follow(resource, reference, expected, entries)
        identifier = _identifier_of(behind) if behind else logical_identifier(resource, reference)
        if identifier:
            return Party(identifier, _name_of(behind) if behind else "")
    return None


def check_patient(resource: Element, name: str, patient: Element | None, entries: Entries) -> None:
    """Note that the resource is not about the claim's patient, as its element of that name tells.

    A reference that names nobody in particular, by an identifier only, is left to the reviewer.

    Source:
        Da Vinci PAS, profiles coverage, encounter and those of the orders: beneficiary, subject or
        patient is only a Reference to the beneficiary.
    """
    about = entries.resolve(resource, name, {"Patient"}, holder=resource)
    if about and patient and about.json is not patient.json:
        resource.error("invariant", f"The {name} is not the claim's patient.", name)


def check_no_other(resource: Element, patient: Element | None, entries: Entries) -> None:
    """Note that the resource is about another patient of the bundle; all else is left open."""
    for name in _ABOUT:
        for reference in resource.each(name):
            about = entries.find(reference.text("reference"), resource)
            is_patient = about is not None and about.text("resourceType") == "Patient"
            if patient and about and is_patient and about.json is not patient.json:
                resource.error("invariant", f"The {name} is not the claim's patient.", name)


def check_places(resource: Element, entries: Entries, version: str) -> None:
    """Note what is missing of the places that a role or a stay names, as far as they came along.

    Source:
        Da Vinci PAS 2.2.1, profiles practitionerrole and encounter: only US Core's location. The
        claim's own facility may be any that FHIR knows.
    """
    *steps, name = _PLACES[resource.text("resourceType")]
    for holder in resource.reach(steps):
        for reference in holder.each(name):
            place = entries.find(reference.text("reference"), resource)
            if place and place.text("resourceType") == "Location":
                check_rows(place, pas_rows("us-core-location", version))


def read_member(patient: Element | None, coverage: Element | None) -> Identifier | None:
    """The identifier by which the payer knows the member.

    The identifier that is typed as a member number wins, the patient's before the coverage's;
    then the patient's untyped one, the subscriber's number, and any other of the patient.

    Source:
        Da Vinci PAS, profiles beneficiary (slice memberIdentifier) and coverage (slice memberid);
        their examples carry an untyped patient identifier beside a member number without value.
    """
    own = list(patient.children("identifier")) if patient else []
    covered = list(coverage.children("identifier")) if coverage else []
    typed = [each for each in own + covered if each.is_typed("MB")]
    untyped = [each for each in own if "type" not in each.json]
    found = _first_valued([*typed, *untyped])
    if found:
        return found
    subscriber = coverage.text("subscriberId") if coverage else ""
    return Identifier("", subscriber) if subscriber else _first_valued(own)


def _identifier_of(resource: Element) -> Identifier | None:
    """The national provider identifier, else the first one with a value."""
    identifiers = list(resource.children("identifier"))
    national = [each for each in identifiers if each.json.get("system") == NPI]
    return _first_valued([*national, *identifiers])


def _first_valued(identifiers: list[Element]) -> Identifier | None:
    return next((found for each in identifiers if (found := each.identifier())), None)


def _follow(resource: Element, name: str, kind: str, entries: Entries) -> Element | None:
    """What a role points at; the guide's own surgical example points outside its bundle."""
    reference = resource.child(name)
    target = reference.text("reference") if reference else ""
    found = entries.find(target, resource) if target else None
    if target and found is None and reference is not None:
        reference.warn("not-found", f"{name} points at nothing in the bundle.", "reference")
    return found if found and found.text("resourceType") == kind else None


def _name_of(resource: Element) -> str:
    if isinstance(resource.json.get("name"), str):
        return resource.text("name")
    name = next(resource.children("name"), None)
    if name is None:
        return ""
    given = name.json.get("given")
    words = [each for each in given if isinstance(each, str)] if isinstance(given, list) else []
    return " ".join([*words, name.text("family")]).strip() or name.text("text")
