"""What the profiles of Da Vinci PAS and US Core ask of a resource, row by row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.contracts.pas.element import Element
from shared.contracts.pas.names import V2_2_1
from shared.contracts.pas.value_sets import (
    ACCIDENTS,
    CLAIM_TYPES,
    DIAGNOSES,
    DIAGNOSIS_TYPES,
    DOCUMENT_TYPES,
    LOCATIONS,
    MODIFIERS,
    NUTRITION,
    REVENUES,
    SERVICE_TYPES,
    SERVICES,
    ValueSet,
    allows,
)

_FULL_DATE_LENGTH = 10


class Row(Protocol):
    """One rule of a profile."""

    @property
    def path(self) -> str:
        """The element that the rule is about: names below the resource, with dots."""

    def check(self, holder: Element, name: str) -> None:
        """Note where the element of that name breaks the rule."""


@dataclass(frozen=True, slots=True)
class Required:
    """The element must be there, in each element that holds it."""

    path: str

    def check(self, holder: Element, name: str) -> None:
        """As Row; a primitive without value may be there by its extension."""
        if name not in holder.json and f"_{name}" not in holder.json:
            holder.error("required", f"{name} is missing.", name)


@dataclass(frozen=True, slots=True)
class Forbidden:
    """The element must not be there."""

    path: str

    def check(self, holder: Element, name: str) -> None:
        """As Row."""
        if name in holder.json:
            holder.error("structure", f"{name} has no place here.", name)


@dataclass(frozen=True, slots=True)
class Once:
    """The element does not repeat, though FHIR lets it."""

    path: str

    def check(self, holder: Element, name: str) -> None:
        """As Row."""
        value = holder.json.get(name)
        if isinstance(value, list) and len(value) > 1:
            holder.error("structure", f"{name} must not repeat.", name)


@dataclass(frozen=True, slots=True)
class Exactly:
    """The element has one value, where it is there."""

    path: str
    value: str | bool

    def check(self, holder: Element, name: str) -> None:
        """As Row."""
        if name in holder.json and holder.json[name] != self.value:
            holder.error("value", f"{name} must be {str(self.value).lower()}.", name)


@dataclass(frozen=True, slots=True)
class OneOf:
    """The element is one of a few codes, where it is there."""

    path: str
    codes: frozenset[str]

    def check(self, holder: Element, name: str) -> None:
        """As Row."""
        if holder.text(name) not in self.codes | {""}:
            holder.error("code-invalid", f"{name} is no code of FHIR.", name)


@dataclass(frozen=True, slots=True)
class Coded:
    """Each concept under the name has a coding of the value set."""

    path: str
    values: ValueSet

    def check(self, holder: Element, name: str) -> None:
        """As Row."""
        for concept in holder.each(name):
            if not allows(self.values, concept.own_codings()):
                systems = " or ".join(self.values)
                concept.error("code-invalid", f"{name} needs a code that is in {systems}.")


@dataclass(frozen=True, slots=True)
class FullDate:
    """The date has year, month and day, and no time, where it is there.

    Source: Da Vinci PAS, invariant FullDateRule: it is ten characters long.
    """

    path: str

    def check(self, holder: Element, name: str) -> None:
        """As Row; whether the date is one is FHIR's to say."""
        if len(holder.text(name)) not in {0, _FULL_DATE_LENGTH}:
            holder.error("value", f"{name} must be a full date.", name)


def full_dates(choice: str) -> tuple[FullDate, ...]:
    """The FullDateRule of an element that is a date or a period, such as "timing"."""
    return tuple(FullDate(choice + end) for end in ("Date", "Period.start", "Period.end"))


_GENDERS = frozenset({"male", "female", "other", "unknown"})

_US_CORE: dict[str, Sequence[Row]] = {
    "Patient": (
        Required("identifier"),
        Required("identifier.system"),
        Required("identifier.value"),
        Required("name"),
        Required("telecom.system"),
        Required("telecom.value"),
        Required("gender"),
        OneOf("gender", _GENDERS),
    ),
    "Organization": (Required("active"), Required("name")),
    # The identifier's system and value are open: US Core slices it, and no slice asks for them.
    "Practitioner": (Required("identifier"), Required("name"), Required("name.family")),
}

# When a service is wanted, is told as a Timing.
_TIMING_ONLY = (Forbidden("occurrenceDateTime"), Forbidden("occurrencePeriod"))

_PAS: dict[str, Sequence[Row]] = {
    "profile-beneficiary": (FullDate("birthDate"),),
    "profile-claim-base": (
        Coded("diagnosis.diagnosisCodeableConcept", DIAGNOSES),
        Once("diagnosis.type"),
        Coded("diagnosis.type", DIAGNOSIS_TYPES),
        Coded("accident.type", ACCIDENTS),
        Forbidden("accident.locationReference"),
        Coded("item.revenue", REVENUES),
        Coded("item.category", SERVICE_TYPES),
        Coded("item.productOrService", SERVICES),
        Coded("item.modifier", MODIFIERS),
        Coded("item.locationCodeableConcept", LOCATIONS),
        Forbidden("item.locationAddress"),
        Forbidden("item.locationReference"),
        Forbidden("item.quantity.comparator"),
    ),
    "profile-devicerequest": (
        Coded("codeCodeableConcept", SERVICES),
        Forbidden("codeReference"),
        *_TIMING_ONLY,
    ),
    "profile-encounter": (
        Required("identifier.system"),
        Required("identifier.value"),
        Exactly("status", "planned"),
        Required("type"),
        Required("subject"),
    ),
    "profile-nutritionorder": (
        Coded("oralDiet.type", NUTRITION),
        Coded("enteralFormula.baseFormulaType", NUTRITION),
    ),
    "profile-practitionerrole": (Required("practitioner"),),
    "profile-servicerequest": (
        Coded("code", SERVICES),
        Forbidden("quantityRange"),
        Forbidden("quantityRatio"),
        *_TIMING_ONLY,
    ),
}
_PAS_SINCE_2_2: dict[str, Sequence[Row]] = {
    "profile-claim-base": (
        Coded("type", CLAIM_TYPES),
        # 2.0.1 asks for a full date here too, but in a comment only.
        FullDate("accident.date"),
        FullDate("item.servicedDate"),
        FullDate("item.servicedPeriod.start"),
        FullDate("item.servicedPeriod.end"),
    ),
    "profile-coverage": (Required("identifier"), Required("relationship")),
    "profile-documentreference": (
        Required("type"),
        Coded("type", DOCUMENT_TYPES),
        Required("category"),
        Required("subject"),
        Required("content.attachment.data"),
        Forbidden("content.attachment.url"),
    ),
    "profile-insurer": (Exactly("active", value=True),),
    "profile-medicationrequest": (Exactly("status", "active"),),
    "profile-practitionerrole": (Required("telecom.system"), Required("telecom.value")),
    "profile-requestor": (Exactly("active", value=True),),
    "profile-servicerequest": (Forbidden("quantityQuantity.comparator"),),
    "us-core-location": (Required("name"),),
}


def us_core_rows(resource_type: str) -> Sequence[Row]:
    """What US Core asks of every person and organisation in a bundle.

    Source:
        US Core 3.1.1 and 7.0.0, profiles patient, organization and practitioner, which those of
        PAS 2.0.1 and 2.2.1 are built on.
    """
    return _US_CORE.get(resource_type, ())


def pas_rows(profile: str, version: str) -> Sequence[Row]:
    """What a profile of PAS asks, by its id; what is checked elsewhere is not repeated here.

    Source:
        Da Vinci PAS 2.0.1 and 2.2.1, the profiles of these names: the elements of at least one and
        of at most one, the types that a choice is left, the fixed values, and the required
        bindings whose value set is known; FHIR R4, SimpleQuantity: no comparator. 2.2.1 builds its
        documents on US Core 7.0.0, its roles too. X12 98, the kinds of organisations and the
        roles in a care team, is left open: Inferno's requests to the reference server of the
        guide say `primary` of claimcareteamrole.
    """
    since = _PAS_SINCE_2_2.get(profile, ()) if version == V2_2_1 else ()
    return (*_PAS.get(profile, ()), *since)


def check_rows(resource: Element, rows: Sequence[Row]) -> None:
    """Note each element of a resource that breaks one of the rules."""
    for row in rows:
        *steps, name = row.path.split(".")
        for holder in resource.reach(steps):
            row.check(holder, name)
