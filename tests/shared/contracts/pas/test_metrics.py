from collections.abc import Callable
from datetime import datetime, timedelta

from samples.catalogue import SURGEON
from shared.contracts.pas import Exchange, RequestedDocument, metric_data, read_submit
from shared.domain.prior_authorization.codes import Level, ReviewAction
from shared.domain.prior_authorization.decision import Actor, ItemDecision
from shared.domain.prior_authorization.request import Coding

NPI = "http://hl7.org/fhir/sid/us-npi"


def test_a_case_is_measured_item_by_item(body: Callable[..., bytes], noon: datetime) -> None:
    request = read_submit(body("several-items")).request
    later = noon + timedelta(days=2)
    decisions = [
        ItemDecision(
            sequence=sequence,
            action=action,
            decided_by=Actor("dr-1", Level.PHYSICIAN),
            decided_at=later,
            reason_code="0F" if action is ReviewAction.NOT_CERTIFIED else "",
        )
        for sequence, action in ((1, ReviewAction.CERTIFIED), (2, ReviewAction.NOT_CERTIFIED))
    ]

    record = metric_data(
        request,
        decisions,
        [Exchange("initial", noon, noon + timedelta(seconds=1), "200")],
        requested_documents=[
            RequestedDocument(Coding("http://loinc.org", "11506-3"), noon, later),
            RequestedDocument(Coding("http://loinc.org", "34117-2"), noon),
        ],
        line_of_business="medicare_advantage",
    )

    assert record["source"] == "payer"
    assert record["providerId"] == record["groupId"] == {"system": NPI, "value": SURGEON}
    assert record["exchange"][0]["type"] == "initial"
    assert record["exchange"][0]["responseTime"] == "2026-11-20T12:00:01+00:00"
    approved, denied, pended = record["itemDetail"]
    assert [each["result"] for each in record["itemDetail"]] == ["approved", "denied", "pended"]
    assert denied["denialReason"] == "0F"
    assert "denialReason" not in approved
    assert approved["finalResponseTime"] == "2026-11-22T12:00:00+00:00"
    assert "finalResponseTime" not in pended
    places = [each["locationType"] for each in record["itemDetail"]]
    assert places == ["outpatient", "inpatient", "outpatient"]
    assert [each.get("submissionMethod") for each in record["requestedDoc"]] == ["CDex", None]
    assert record["businessLine"] == {"text": "medicare_advantage"}


def test_an_exchange_without_an_answer_has_no_response_time(
    body: Callable[..., bytes], noon: datetime
) -> None:
    request = read_submit(body("home-care")).request

    record = metric_data(request, [], [Exchange("cancel", noon, None, "503")])

    assert "responseTime" not in record["exchange"][0]
    assert record["itemDetail"][0]["responsesRequired"] == 0
    assert record["itemDetail"][0]["locationType"] == "home"
    assert "requestedDoc" not in record
