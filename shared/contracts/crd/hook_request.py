"""What a clinician is about to order, read from a CDS Hooks request."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from shared.contracts.crd.discovery import HOOKS
from shared.contracts.pas.element import Element
from shared.contracts.pas.issues import Findings
from shared.contracts.pas.json_body import read_json
from shared.contracts.pas.parties import read_member
from shared.domain.prior_authorization.request import Coding, Identifier

Resource = dict[str, Any]

ORDERS_MAX = 100  # Each is judged by the rules while the clinician waits.
_ORDER_BUNDLES = ("draftOrders", "appointments")
# Where each kind of order says what is ordered.
_SERVICES = {
    "DeviceRequest": "codeCodeableConcept",
    "MedicationRequest": "medicationCodeableConcept",
    "ServiceRequest": "code",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order that is not signed yet.

    Attributes:
        reference: its type and id, such as ServiceRequest/1.
        codes: what is ordered, in every code system that the sender gave; may be empty.
        resource: as received.
    """

    reference: str
    codes: tuple[Coding, ...]
    resource: Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class HookRequest:
    """What a hook was called with.

    Attributes:
        instance: the call's own id.
        user: who orders, as a reference; may be empty.
        member: the patient's identifier with the payer, from the prefetched coverage or patient;
            None where neither came.
        coverage_reference: of the prefetched coverage; empty where none came.
        orders: what is ordered; empty for the hooks of an encounter.
    """

    hook: str
    instance: str
    user: str
    patient_id: str
    encounter_id: str
    member: Identifier | None
    coverage_reference: str
    orders: tuple[Order, ...]


def read_hook(body: bytes) -> HookRequest:
    """The request in the body of a call to one of HOOKS; order-sign is the one that CRD requires.

    Raises:
        Malformed: with an issue for each fault found.

    Source:
        CDS Hooks 2.0, calling a service; the contexts of each hook.
    """
    findings = Findings()
    root = Element(read_json(body), "request", findings)
    hook = root.text("hook")
    if hook not in HOOKS:
        root.error("not-supported", "The hook is not one that is answered here.", "hook")
    instance = root.text("hookInstance")
    if not instance:
        root.error("required", "hookInstance is missing.", "hookInstance")
    context = root.required("context")
    patient_id = context.text("patientId") if context else ""
    if context and not patient_id:
        context.error("required", "patientId is missing.", "patientId")
    coverage, patient = _prefetched(root)
    orders = tuple(_read_orders(context)) if context else ()
    if context and hook == "order-sign" and "draftOrders" not in context.json:
        context.error("required", "draftOrders is missing.", "draftOrders")
    findings.raise_errors()
    return HookRequest(
        hook=hook,
        instance=instance,
        user=context.text("userId") if context else "",
        patient_id=patient_id,
        encounter_id=context.text("encounterId") if context else "",
        member=read_member(patient, coverage),
        coverage_reference=_reference(coverage) if coverage else "",
        orders=orders,
    )


def _prefetched(root: Element) -> tuple[Element | None, Element | None]:
    """The coverage and the patient that the client sent along, under whatever keys."""
    prefetch = root.child("prefetch")
    found: dict[str, Element] = {}
    for key in prefetch.json if prefetch else ():
        value = prefetch.child(key) if prefetch else None
        for resource in _resources(value) if value else ():
            found.setdefault(resource.text("resourceType"), resource)
    return found.get("Coverage"), found.get("Patient")


def _resources(value: Element) -> Iterator[Element]:
    """A resource, or each resource of a bundle."""
    if value.json.get("resourceType") != "Bundle":
        yield value
        return
    for entry in value.children("entry"):
        resource = entry.child("resource")
        if resource:
            yield resource


def _read_orders(context: Element) -> Iterator[Order]:
    """The orders in the context's bundles."""
    count = 0
    for name in _ORDER_BUNDLES:
        bundle = context.child(name)
        for resource in _resources(bundle) if bundle else ():
            count += 1
            if count > ORDERS_MAX:
                context.error("too-costly", f"More than {ORDERS_MAX} orders at once.", name)
                return
            if not resource.text("resourceType") or not resource.text("id"):
                resource.error("required", "An order needs its resourceType and id.")
                continue
            yield Order(
                reference=_reference(resource),
                codes=tuple(_codes(resource)),
                resource=resource.json,
            )


def _codes(resource: Element) -> Iterator[Coding]:
    """What is ordered, wherever this kind of order says so."""
    kind = resource.text("resourceType")
    if kind == "Appointment":
        for concept in resource.children("serviceType"):
            yield from _codings(concept)
    elif kind == "NutritionOrder":
        diet = resource.child("oralDiet")
        for concept in diet.children("type") if diet else ():
            yield from _codings(concept)
    elif kind == "MedicationRequest" and "medicationReference" in resource.json:
        yield from _medication(resource)
    elif kind in _SERVICES:
        yield from resource.codings(_SERVICES[kind])


def _medication(resource: Element) -> Iterator[Coding]:
    """The codes of a contained Medication."""
    reference = resource.child("medicationReference")
    target = reference.text("reference") if reference else ""
    for contained in resource.children("contained"):
        if target == f"#{contained.text('id')}":
            yield from contained.codings("code")


def _codings(concept: Element) -> Iterator[Coding]:
    for coding in concept.children("coding"):
        system, code = coding.text("system"), coding.text("code")
        if system and code:
            yield Coding(system, code, coding.text("display"))


def _reference(resource: Element) -> str:
    return f"{resource.text('resourceType')}/{resource.text('id')}"
