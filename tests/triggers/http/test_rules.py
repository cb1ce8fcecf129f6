"""The rules are changed over HTTP, in a product of this file's own: a change is for everyone."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localhost.started_host import Answer, StartedHost
from tests.running import product
from tests.triggers.sending import actions, case_of, eventually, submit_sample

DECISIONS = Path(__file__).parents[3] / "models" / "decisions"
XML = (DECISIONS / "auto-approval.dmn").read_text()
SCENARIOS = json.loads((DECISIONS / "auto-approval.scenarios.json").read_text())
MODEL, OWNER = "/api/rules/auto-approval", "medical-director"
APPROVE = '<outputEntry><text>"approve"</text></outputEntry>\n        <outputEntry><text>"A consultation is approved on request"</text></outputEntry>'  # noqa: E501 - as it stands in the file
REVIEW = APPROVE.replace('"approve"', '"review"')
GIVEN = SCENARIOS["scenarios"][0]["given"]


@pytest.fixture(scope="module")
def host() -> Iterator[StartedHost]:
    with product() as running:
        yield running


def stricter() -> tuple[str, dict[str, Any]]:
    """Auto-approval under which a person looks at every consultation, with its scenarios."""
    scenarios = json.loads(json.dumps(SCENARIOS))
    for scenario in scenarios["scenarios"]:
        if scenario["expect"]["reason"] == "A consultation is approved on request":
            scenario["expect"]["action"] = "review"
    assert APPROVE in XML
    return XML.replace(APPROVE, REVIEW), scenarios


def upload(host: StartedHost, xml: str, scenarios: object = None, *, path: str = MODEL) -> Answer:
    body = {"xml": xml} | ({"scenarios": scenarios} if scenarios else {})
    return host.post(f"{path}/versions", body, user=OWNER)


def test_every_shipped_model_is_in_force(host: StartedHost) -> None:
    models = host.get("/api/rules").body
    assert {model["name"] for model in models} == {file.stem for file in DECISIONS.glob("*.dmn")}
    assert all(model["inForce"] == model["versions"][0]["version"] for model in models)


def test_a_version_is_read_as_it_was_written(host: StartedHost) -> None:
    with urllib.request.urlopen(f"{host.url}{MODEL}/versions/latest") as answer:  # noqa: S310
        assert answer.read().decode() == XML
    assert host.get(f"{MODEL}/versions/latest/scenarios").body == SCENARIOS


def test_a_trace_tells_each_cells_outcome_and_why(host: StartedHost) -> None:
    asked = {"decision": "Auto approval", "given": {**GIVEN, "service class": "consultation"}}
    told = host.post(f"{MODEL}/versions/latest/evaluate", asked).body
    assert told["rows"] == [{"decision": "Auto approval", "row": "gold-card"}]
    [table] = told["tables"]
    first = table["rows"][0]
    assert (first["row"], first["matched"]) == ("emergency", False)
    assert first["cells"][0] == {
        "input": "service class",
        "value": '"consultation"',
        "test": '"emergency"',
        "matched": False,
        "reason": "",
    }


def test_analysis_and_tests_are_told(host: StartedHost) -> None:
    assert host.get(f"{MODEL}/versions/latest/analysis").body["errors"] == 0
    report = host.post(f"{MODEL}/versions/latest/test", {}).body
    assert (report["scenarios"], report["failures"], report["rowCoverage"]) == (69, 0, 100.0)


def test_a_draft_without_scenarios_is_not_published(host: StartedHost) -> None:
    version = upload(host, XML.replace(">180<", ">181<")).body["version"]
    refused = host.post(f"{MODEL}/versions/{version}/publish", {}, user=OWNER)
    assert refused.status == 422
    assert "no scenarios" in refused.body["detail"]


def test_a_draft_with_a_failing_scenario_is_not_published(host: StartedHost) -> None:
    version = upload(host, XML.replace(">180<", ">182<"), SCENARIOS).body["version"]
    refused = host.post(f"{MODEL}/versions/{version}/publish", {}, user=OWNER)
    assert refused.status == 422
    assert "scenarios fail" in refused.body["detail"]


def test_a_fault_found_by_analysis_stops_publication(host: StartedHost) -> None:
    condition = "<inputEntry><text>{}</text>"
    dead = XML.replace(condition.format('"consultation"'), condition.format('"consult"'))
    kept = [each for each in SCENARIOS["scenarios"] if "consultation" not in each["name"]]
    version = upload(host, dead, {"scenarios": kept}).body["version"]
    refused = host.post(f"{MODEL}/versions/{version}/publish", {}, user=OWNER)
    assert refused.status == 422
    assert "rows: consultation" in refused.body["detail"]


def test_a_broken_cell_is_named_with_its_file_and_place(host: StartedHost) -> None:
    broken = upload(host, XML.replace("[1..60]", "[1..60"))
    assert broken.status == 422
    assert broken.body["file"] == "auto-approval.dmn"
    assert "rule 6" in broken.body["element"]
    assert broken.body["character"] > 0


def test_bombs_and_nonsense_are_refused_clearly(host: StartedHost) -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "cc"><!ENTITY d "&b;&b;">]><definitions>&d;</definitions>'
    answers = [
        upload(host, bomb),
        upload(host, "<definitions/>"),
        upload(host, "<a>" * 200),
        host.post("/api/rules/validate", {"xml": bomb}),
    ]
    assert [answer.status for answer in answers] == [422] * 4
    assert "document type" in answers[0].body["detail"]
    assert upload(host, XML, path="/api/rules/No%20Name").status == 400
    assert upload(host, XML + " " * 800_000).status == 400
    assert _post_xml(host, b"x" * 2_000_000) == 413
    assert host.get("/api/rules/none").status == 404
    assert host.get(f"{MODEL}/versions/{'0' * 64}").status == 404
    assert host.get("/api/health").status == 200


def _post_xml(host: StartedHost, body: bytes) -> int:
    request = urllib.request.Request(  # noqa: S310 - our own host
        f"{host.url}{MODEL}/versions", body, {"content-type": "application/xml"}
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_changing_a_table_changes_the_next_case_and_no_open_one(host: StartedHost) -> None:
    before, response = submit_sample(host, "auto-approved")
    assert actions(response) == {1: "A1"}
    old = host.get(MODEL).body["inForce"]

    xml, scenarios = stricter()
    new = upload(host, xml, scenarios).body["version"]
    assert upload(host, xml, scenarios).body["version"] == new

    compared = host.get(f"{MODEL}/versions/{new}/comparison").body
    assert before in compared["cases"]
    assert {
        "decision": "Auto approval",
        "output": "action",
        "from": "approve",
        "to": "review",
        "count": compared["flipped"],
    } in compared["matrix"]

    publish = f"{MODEL}/versions/{new[:12]}/publish"
    refused = host.post(publish, {}, user=OWNER)
    assert refused.status == 422
    assert "flip" in refused.body["detail"]
    published = host.post(publish, {"overrideReason": "policy of May"}, user=OWNER)
    assert published.status == 200, published.body

    def pended() -> str | None:
        case_id, response = submit_sample(host, "auto-approved")
        return case_id if actions(response) == {1: "A4"} else None

    after = eventually(pended)
    assert _rule_of(host, before).startswith(f"auto-approval@{old[:12]}#Auto approval#consultation")
    assert _rule_of(host, after).startswith(f"auto-approval@{new[:12]}#Auto approval#consultation")
    for case_id, version in ((before, old), (after, new)):
        again = host.post(f"/api/cases/{case_id}/decisions/rerun", {}).body
        assert again["identical"] == len(again["decisions"]) > 0
        assert version in {each["version"] for each in again["decisions"]}
    assert before not in json.dumps(host.get(MODEL).body)


def _rule_of(host: StartedHost, case_id: str) -> str:
    """The rule behind the item, as the audit trail names it."""
    timeline = case_of(host, case_id)["timeline"]
    [entry] = [each for each in timeline if each["event"] == "item_ruled"]
    return str(entry["detail"]["rule"])


def test_every_change_is_on_the_models_audit_trail(host: StartedHost) -> None:
    model = host.get(MODEL).body
    assert model["audit"]["isWhole"]
    entries = [sealed["entry"] for sealed in model["audit"]["entries"]]
    assert entries[0]["event"] == "model_seeded"
    [published] = [entry for entry in entries if entry["event"] == "model_published"]
    assert published["actor"]["actor_id"] == OWNER
    assert published["detail"]["override"] == "policy of May"
    assert published["detail"]["version"] == model["inForce"]


def test_the_past_stands(host: StartedHost) -> None:
    back = {"effectiveFrom": "2020-01-01T00:00:00Z"}
    refused = host.post(f"{MODEL}/versions/latest/publish", back, user=OWNER)
    assert refused.status == 422
    assert "the past stands" in refused.body["detail"]
