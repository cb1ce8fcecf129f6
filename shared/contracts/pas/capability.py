"""What the FHIR door can do, as a CapabilityStatement."""

from typing import Any

from shared.contracts.pas.names import PAS, PROFILE, TOPIC

Resource = dict[str, Any]

_STATED_ON = "2026-11-29"  # The day on which what the statement says last changed.
_TOPIC_EXTENSION = (
    "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/"
    "capabilitystatement-subscriptiontopic-canonical"
)
_SUBSCRIPTION_STATUS = (
    "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-status"
)
_SUBMIT_ATTACHMENT = "http://hl7.org/fhir/us/davinci-cdex/OperationDefinition/submit-attachment"


def capability_statement(base_url: str) -> Resource:
    """What GET metadata answers.

    Args:
        base_url: of the FHIR door, without a slash at its end.

    Source:
        Da Vinci PAS 2.2.1, the capabilities of an intermediary or payer; FHIR R4 capabilities.
    """
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": _STATED_ON,
        "kind": "instance",
        "software": {"name": "Careloom"},
        "implementation": {"description": "Careloom prior authorization", "url": base_url},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "implementationGuide": [PAS + "ImplementationGuide/hl7.fhir.us.davinci-pas"],
        "rest": [
            {
                "mode": "server",
                "resource": [_claim(), _subscription()],
                "operation": [{"name": "submit-attachment", "definition": _SUBMIT_ATTACHMENT}],
            }
        ],
    }


def _claim() -> Resource:
    return {
        "type": "Claim",
        "supportedProfile": [
            PROFILE + "profile-claim",
            PROFILE + "profile-claim-update",
            PROFILE + "profile-claim-inquiry",
        ],
        "operation": [
            {"name": "submit", "definition": PAS + "OperationDefinition/Claim-submit"},
            {"name": "inquire", "definition": PAS + "OperationDefinition/Claim-inquiry"},
        ],
    }


def _subscription() -> Resource:
    return {
        "extension": [{"url": _TOPIC_EXTENSION, "valueCanonical": TOPIC}],
        "type": "Subscription",
        "supportedProfile": [PROFILE + "profile-subscription"],
        "interaction": [{"code": code} for code in ("create", "read", "update", "delete")],
        "operation": [{"name": "status", "definition": _SUBSCRIPTION_STATUS}],
    }
