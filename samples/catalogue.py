"""The sample requests that the demo, the console's guide and the tests show.

Run as a program it writes them to samples/prior_authorization.
"""

import json
from pathlib import Path
from typing import Any

from samples.generate import Document, Item, Resource, request_bundle

FOLDER = Path(__file__).parent / "prior_authorization"

MEMBER = "M-1001"
UNKNOWN_MEMBER = "M-9999"
CLINIC = "1234567893"
SURGEON = "1245319599"
HOME_CARE_AGENCY = "1679576722"
GOLD_CARDED_CLINIC = "1003000126"

ORDER = Document("57832-8", "B3")
PROGRESS_NOTE = Document("11506-3", "09")
HISTORY = Document("34117-2", "P5")
IMAGING_REPORT = Document("18748-4", "RR")
PLAN_OF_CARE = Document("18776-5", "08")

CONSULTATION = Item(code="99243", category="3", request_type="SC")
KNEE_REPLACEMENT = Item(
    code="27447", category="2", request_type="AR", place="21", unit="{procedure}"
)
SPINE_IMAGING = Item(code="72148", category="62", place="22", unit="{study}")
NURSING_AT_HOME = Item(
    code="G0299", category="42", place="12", quantity=20, served_to="2027-01-29", unit="{visit}"
)


# What each sample asks for; its identifier is its name.
_SAMPLES: dict[str, dict[str, Any]] = {
    "auto-approved": {
        "member_id": MEMBER,
        "provider_npi": CLINIC,
        "items": [CONSULTATION],
    },
    "surgery-with-review": {
        "member_id": MEMBER,
        "provider_npi": SURGEON,
        "items": [KNEE_REPLACEMENT],
        "documents": [HISTORY, IMAGING_REPORT],
    },
    "imaging-documents-missing": {
        "member_id": MEMBER,
        "provider_npi": CLINIC,
        "items": [SPINE_IMAGING],
        "urgency": "urgent",
        "diagnoses": ["M54.16"],
        "documents": [ORDER],
    },
    "home-care": {
        "member_id": MEMBER,
        "provider_npi": HOME_CARE_AGENCY,
        "items": [NURSING_AT_HOME],
        "diagnoses": ["Z48.815"],
        "documents": [PLAN_OF_CARE],
    },
    "referral": {
        "member_id": MEMBER,
        "provider_npi": CLINIC,
        "items": [CONSULTATION],
        "referred_to": SURGEON,
    },
    "several-items": {
        "member_id": MEMBER,
        "provider_npi": SURGEON,
        "items": [CONSULTATION, KNEE_REPLACEMENT, SPINE_IMAGING],
        "documents": [ORDER, PROGRESS_NOTE, HISTORY, IMAGING_REPORT],
    },
    "update": {
        "member_id": MEMBER,
        "provider_npi": SURGEON,
        "items": [
            KNEE_REPLACEMENT,
            Item(code="97110", category="AE", quantity=12, change="added"),
        ],
        "documents": [HISTORY, IMAGING_REPORT, PLAN_OF_CARE],
        "replaces": "sample-surgery-with-review",
    },
    "cancel": {
        "member_id": MEMBER,
        "provider_npi": SURGEON,
        "items": [KNEE_REPLACEMENT],
        "replaces": "sample-surgery-with-review",
        "cancels": True,
    },
    "unknown-member": {
        "member_id": UNKNOWN_MEMBER,
        "provider_npi": CLINIC,
        "items": [CONSULTATION],
    },
    "gold-carded-provider": {
        "member_id": MEMBER,
        "provider_npi": GOLD_CARDED_CLINIC,
        "items": [SPINE_IMAGING],
        "diagnoses": ["M54.16"],
    },
}


def samples() -> dict[str, Resource]:
    """Every sample by its file's name."""
    return {
        name: request_bundle(identifier=f"sample-{name}", **asked)
        for name, asked in _SAMPLES.items()
    }


def written(sample: Resource) -> str:
    """A sample as its file holds it."""
    return json.dumps(sample, indent=2) + "\n"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, sample in samples().items():
        (FOLDER / f"{name}.json").write_text(written(sample))
