import copy
import gc
from pathlib import Path
from typing import Any

import pytest

from localhost.load import ONCE
from tests.simulation.soak import fault_in, soak
from tests.simulation.soak_load import DECIDED_AT_ONCE, REVIEWED

ENDED: dict[str, Any] = {
    "outcome": "approved",
    "stage": "notified",
    "review": None,
    "audit": {"isWhole": True, "brokenAt": None},
    "timeline": [{"event": event, "detail": {}} for event in ONCE],
    "notices": [
        {"messageId": "m1", "channel": "mail", "status": "delivered"},
        {"messageId": "m2", "channel": "subscription", "status": "undeliverable"},
    ],
}
ON_A_DESK = ENDED | {
    "outcome": "open",
    "stage": "in_review",
    "review": {"claimedBy": "dr-chen"},
    "timeline": [{"event": event, "detail": {}} for event in ("case_opened", "review_opened")],
    "notices": [],
}


@pytest.mark.timeout(300)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_short_soak_with_one_crash_finds_nothing_wrong(tmp_path: Path) -> None:
    wrong = await soak(tmp_path, minutes=2, minute_seconds=5.0, seed=1)
    gc.collect()  # azure-eventhub leaves broken sockets to the collector, which warns of them.
    assert wrong == [], "seed 1"


def test_a_case_that_ended_or_waits_for_a_named_person_is_well() -> None:
    assert fault_in(ENDED, DECIDED_AT_ONCE) == ""
    assert fault_in(ON_A_DESK, REVIEWED) == ""


@pytest.mark.parametrize(
    ("spoilt", "fault"),
    [
        ({"outcome": "open"}, "it waits for nobody"),
        ({"stage": "decided"}, "stage decided"),
        ({"audit": {"isWhole": False, "brokenAt": 3}}, "breaks at 3"),
        ({"timeline": ENDED["timeline"][1:]}, "missing"),
        ({"timeline": [*ENDED["timeline"], ENDED["timeline"][0]]}, "happened twice"),
        ({"notices": ENDED["notices"] * 2}, "happened twice"),
        ({"notices": [ENDED["notices"][0] | {"status": "waiting"}]}, "not sent"),
    ],
)
def test_each_fault_of_a_case_is_found(spoilt: dict[str, Any], fault: str) -> None:
    assert fault in fault_in(copy.deepcopy(ENDED) | spoilt, DECIDED_AT_ONCE)


def test_a_case_on_nobodys_desk_is_found() -> None:
    assert "nobody" in fault_in(ON_A_DESK | {"review": {"claimedBy": None}}, REVIEWED)
