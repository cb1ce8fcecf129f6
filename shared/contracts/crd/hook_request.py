"""What a clinician is about to order, read from a CDS Hooks request."""

from collections.abc import Iterable, Iterator, Mapping
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
_WITHOUT_USER = frozenset({"order-dispatch"})
# What an order may be, with where each kind says what is ordered.
_SERVICES = {
    "Appointment": ("serviceType",),
    "CommunicationRequest": (),
    "DeviceRequest": ("codeCodeableConcept",),
    "MedicationRequest": ("medicationCodeableConcept",),
    "NutritionOrder": ("oralDiet.type", "supplement.type", "enteralFormula.baseFormulaType"),
    "ServiceRequest": ("code",),
    "VisionPrescription": ("lensSpecification.product",),
}
# Where it says so by a reference, with what tells it there.
_DESCRIBED = {
    "DeviceRequest": ("codeReference", "type"),
    "MedicationRequest": ("medicationReference", "code"),
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
        user: who orders, as a reference; may be empty where an order is dispatched.
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
        CDS Hooks 2.0, calling a service; the contexts of each hook: all but order-dispatch name
        their user.
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
    if context and hook not in _WITHOUT_USER and not context.text("userId"):
        context.error("required", "userId is missing.", "userId")
    prefetched = list(_prefetched(root))
    coverage, patient = _first(prefetched, "Coverage"), _first(prefetched, "Patient")
    orders = tuple(_read_orders(context, prefetched)) if context else ()
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


def _prefetched(root: Element) -> Iterator[tuple[str, Element]]:
    """What the client sent along, under whatever keys; each with its fullUrl."""
    prefetch = root.child("prefetch")
    for key in prefetch.json if prefetch else ():
        value = prefetch.child(key) if prefetch else None
        if value:
            yield from _resources(value)


def _first(resources: Iterable[tuple[str, Element]], kind: str) -> Element | None:
    return next((each for _, each in resources if each.text("resourceType") == kind), None)


def _resources(value: Element) -> Iterator[tuple[str, Element]]:
    """A resource, or each resource of a bundle with its fullUrl."""
    if value.json.get("resourceType") != "Bundle":
        yield "", value
        return
    for entry in value.children("entry"):
        resource = entry.child("resource")
        if resource:
            yield entry.text("fullUrl"), resource


def _read_orders(context: Element, prefetched: Iterable[tuple[str, Element]]) -> Iterator[Order]:
    """The orders in the context's bundles; what came beside them may say what is ordered.

    Source: Da Vinci CRD, the bundles of its hooks hold requests and appointments.
    """
    bundles = [bundle for name in _ORDER_BUNDLES if (bundle := context.child(name))]
    drafted = [each for bundle in bundles for each in _resources(bundle)]
    known: dict[str, Element] = {}
    for url, resource in (*prefetched, *drafted):
        known |= {url: resource, _reference(resource): resource}
    orders = [each for _, each in drafted if _is_order(each)]
    if len(orders) > ORDERS_MAX:
        context.error("too-costly", f"More than {ORDERS_MAX} orders at once.")
        return
    for resource in orders:
        if not resource.text("id"):
            resource.error("required", "An order needs its resourceType and id.")
            continue
        yield Order(
            reference=_reference(resource),
            codes=tuple(_codes(resource, known)),
            resource=resource.json,
        )


def _is_order(resource: Element) -> bool:
    """Whether it is one; a resource that does not say what it is, is noted."""
    kind = resource.text("resourceType")
    if not kind:
        resource.error("required", "An order needs its resourceType and id.")
    return kind in _SERVICES


def _codes(resource: Element, known: Mapping[str, Element]) -> Iterator[Coding]:
    """What is ordered, wherever this kind of order says so."""
    kind = resource.text("resourceType")
    for path in _SERVICES[kind]:
        *steps, name = path.split(".")
        for holder in resource.reach(steps):
            for concept in holder.each(name):
                yield from concept.own_codings()
    if kind in _DESCRIBED:
        name, told = _DESCRIBED[kind]
        reference = resource.child(name)
        target = reference.text("reference") if reference else ""
        described = _contained(resource, target) or known.get(target)
        if described and target:
            yield from described.codings(told)


def _contained(resource: Element, target: str) -> Element | None:
    """The resource inside it that a reference means."""
    return next(
        (each for each in resource.children("contained") if target == f"#{each.text('id')}"), None
    )


def _reference(resource: Element) -> str:
    return f"{resource.text('resourceType')}/{resource.text('id')}"
