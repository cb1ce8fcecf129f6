import json
from datetime import UTC, datetime
from random import Random

from shared.contracts.pas import read_submit
from tests.simulation.people import amended
from tests.simulation.plan import plans
from tests.simulation.registers import registers
from tests.simulation.requests import bundle_of, received

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
CASES = 60


def test_a_request_is_what_the_door_decodes_of_its_bundle() -> None:
    known = registers(Random("requests"), part=0, cases=CASES)

    for plan in plans(7, 0, CASES, known):
        for change in ("", "add", "change", "withdraw", "cancel"):
            kind = {"": "new", "cancel": "cancel"}.get(change, "update")
            items = amended(plan.items, change)
            sent = json.dumps(bundle_of(plan, kind, items, at=NOON)).encode()

            request = received(plan, kind, items, at=NOON).request

            assert request == read_submit(sent).request, f"{plan.seed}: {kind} {change}"
