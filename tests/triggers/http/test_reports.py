import csv
import json
import urllib.request
from datetime import UTC, datetime

from localhost.started_host import StartedHost
from tests.triggers.inquiring import of_member
from tests.triggers.sending import case_of, eventually, submit

REPORT = f"/api/reports/prior-authorization?year={datetime.now(UTC).year}"


def _approved(host: StartedHost) -> str:
    bundle = of_member("auto-approved", "M-1006")
    case_id: str = submit(host, bundle).headers["x-careloom-case-id"]
    eventually(lambda: case_of(host, case_id)["stage"] == "notified")
    return case_id


def test_a_decided_request_is_counted(careloom: StartedHost) -> None:
    before = careloom.get(REPORT).body["standard"]
    _approved(careloom)
    after = careloom.get(REPORT).body
    assert after["standard"]["approved"]["count"] == before["approved"]["count"] + 1
    assert after["standard"]["approved"]["total"] == before["approved"]["total"] + 1
    assert 0 <= after["standard"]["approved"]["percent"] <= 100
    listed = {each["name"]: each for each in after["servicesNeedingAuthorization"]}
    assert listed["therapy"]["documents"] == ["Plan of care"]
    assert "office visit" not in listed


def test_the_report_comes_as_csv(careloom: StartedHost) -> None:
    _approved(careloom)
    request = urllib.request.Request(careloom.url + REPORT, headers={"accept": "text/csv"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own host
        assert answer.headers["content-type"].startswith("text/csv")
        rows = list(csv.reader(answer.read().decode().splitlines()))
    assert rows[0] == ["metric", "count", "total", "value"]
    assert any(row[0] == "standard requests approved, %" and int(row[1]) > 0 for row in rows)


def test_the_report_of_a_line_of_business_counts_only_its_own(careloom: StartedHost) -> None:
    whole = careloom.get(REPORT).body["standard"]["approved"]["total"]
    parts = [
        careloom.get(f"{REPORT}&lineOfBusiness={line}").body["standard"]["approved"]["total"]
        for line in (
            "medicare_advantage",
            "medicaid_fee_for_service",
            "medicaid_managed_care",
            "marketplace",
            "erisa",
            "commercial",
        )
    ]
    assert sum(parts) == whole


def test_a_report_needs_a_year_and_a_known_line_of_business(careloom: StartedHost) -> None:
    assert careloom.get("/api/reports/prior-authorization").status == 400
    for year in ("soon", "1999", "9" * 5000):
        assert careloom.get(f"/api/reports/prior-authorization?year={year}").status == 400
    assert careloom.get(f"{REPORT}&lineOfBusiness=none").status == 400


def test_a_case_is_told_as_the_guides_metric_record(careloom: StartedHost) -> None:
    case_id = _approved(careloom)
    answer = careloom.get(f"/api/cases/{case_id}/metrics")
    assert answer.status == 200
    record = answer.body
    assert record["source"] == "payer"
    [exchange] = record["exchange"]
    assert exchange["type"] == "initial"
    assert exchange["responseTime"] >= exchange["requestTime"]
    assert [item["result"] for item in record["itemDetail"]] == ["approved"]
    assert "consultation" not in json.dumps(record["exchange"])
    assert careloom.get("/api/cases/pa-nobody/metrics").status == 404


def test_the_report_is_a_page_of_the_console(careloom: StartedHost) -> None:
    _approved(careloom)
    with urllib.request.urlopen(f"{careloom.url}/console/report", timeout=30) as answer:  # noqa: S310
        page = answer.read().decode()
    assert f"Public report {datetime.now(UTC).year}" in page
    assert "Consultation" in page
    assert "Mean time to decision" in page
