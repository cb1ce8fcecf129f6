"""Which hooks are answered, as a CDS Hooks client finds out."""

from typing import Any

# Each hook with what a clinician is doing when it is called.
HOOKS = {
    "order-sign": "signing an order",
    "order-select": "choosing an order",
    "order-dispatch": "handing an order to its performer",
    "appointment-book": "booking an appointment",
    "encounter-start": "starting an encounter",
    "encounter-discharge": "discharging a patient",
}

_PREFETCH = {
    "patient": "Patient/{{context.patientId}}",
    "coverage": "Coverage?patient={{context.patientId}}&status=active",
}


def discovery() -> dict[str, Any]:
    """What GET cds-services answers; a service's id is the name of its hook.

    Source: CDS Hooks 2.0, discovery; Da Vinci CRD 2.1, the hooks and their coverage prefetch.
    """
    return {
        "services": [
            {
                "hook": hook,
                "id": hook,
                "title": "Coverage requirements",
                "description": f"Coverage and prior authorization needs while {doing}.",
                "prefetch": _PREFETCH,
            }
            for hook, doing in HOOKS.items()
        ]
    }
