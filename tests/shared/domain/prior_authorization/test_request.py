from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from tests.shared.ports.samples import NOON, a_request


def test_a_request_that_is_sent_again_asks_the_same() -> None:
    [item] = a_request().items
    first = replace(item, quantity=Decimal(10))
    second = replace(item, sequence=2)
    request = replace(a_request(), items=(first, second), diagnosis_codes=("M17.11", "E11.9"))
    again = replace(
        request,
        items=(second, replace(first, quantity=Decimal("10.0"))),
        diagnosis_codes=("E11.9", "M17.11"),
        created=NOON + timedelta(hours=1),
        patient_reference="urn:uuid:another",
    )
    assert again.asked == request.asked
