import json
import time

from samples.generate import Document, Item, request_bundle
from shared.contracts.pas import read_submit
from shared.domain.prior_authorization.codes import CertificationType


def test_a_request_says_what_it_was_told_to() -> None:
    bundle = request_bundle(
        identifier="c-1",
        member_id="M1",
        provider_npi="1992000019",
        items=[Item(code="97110", certification="R", quantity=6, change="changed")],
        urgency="urgent",
        documents=[Document("18776-5", "08")],
        replaces="c-0",
    )

    request = read_submit(json.dumps(bundle).encode()).request

    assert request.identifier.value == "c-1"
    assert request.member.value == "M1"
    assert request.items[0].certification_type is CertificationType.RENEWAL
    assert request.items[0].trace_numbers[0].value == "c-1-1"
    assert request.replaces is not None
    assert request.replaces.value == "c-0"


def test_ten_thousand_requests_are_made_in_seconds() -> None:
    began = time.process_time()
    for number in range(1_000):
        request_bundle(
            identifier=str(number),
            member_id="M1",
            provider_npi="1992000019",
            items=[Item(code="97110")],
        )
    assert time.process_time() - began < 1
