import json

import pytest

from shared.contracts.pas import BODY_BYTES_MAX, Malformed
from shared.contracts.pas.json_body import DEPTH_MAX, read_json, read_resource
from shared.contracts.pas.names import INFO_CANCELLED


def refusal(body: bytes) -> Malformed:
    with pytest.raises(Malformed) as caught:
        read_resource(body)
    return caught.value


def nested(depth: int) -> bytes:
    return b'{"resourceType":"Bundle","a":' + b"[" * depth + b"1" + b"]" * depth + b"}"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"Bundle"',
        b"\xff\xfe{}",
        b'{"resourceType":"Bundle","total":NaN}',
        b'{"resourceType":"Bundle","id":"\\ud800"}',
        b'{"resourceType":"Bundle","total":' + b"9" * 5000 + b"}",
        b'{"resourceType":"Bundle","total":' + b"9" * 400 + b"}",
        b'{"resourceType":"Bundle","total":1e5000}',
    ],
)
def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    assert refusal(body).issues[0].code == "structure"


def test_a_body_of_five_megabytes_is_refused_with_413() -> None:
    error = refusal(b'{"resourceType":"Bundle","id":"' + b"a" * 5_000_000 + b'"}')

    assert (error.status, error.issues[0].code) == (413, "too-long")


def test_a_body_at_the_limit_is_read() -> None:
    frame = len(b'{"resourceType":"Bundle","id":""}')
    body = b'{"resourceType":"Bundle","id":"' + b"a" * (BODY_BYTES_MAX - frame) + b'"}'

    assert read_resource(body)["resourceType"] == "Bundle"


@pytest.mark.parametrize("text", ["\u00e9" * 700_000, "\U0001f600" * 370_000])
def test_what_grows_beyond_the_limit_when_it_is_stored_is_refused_with_413(text: str) -> None:
    body = json.dumps({"resourceType": "Bundle", "id": text}, ensure_ascii=False).encode()
    assert len(body) < BODY_BYTES_MAX
    assert refusal(body).status == 413


def test_numbers_that_grow_when_they_are_stored_count_as_stored() -> None:
    body = b'{"resourceType":"Bundle","total":[' + b"-1e15," * 200_000 + b"1]}"
    assert len(body) < BODY_BYTES_MAX
    assert refusal(body).status == 413


@pytest.mark.parametrize("depth", [DEPTH_MAX + 1, 100_000])
def test_json_that_is_nested_too_deep_is_refused(depth: int) -> None:
    error = refusal(nested(depth))

    assert (error.status, error.issues[0].code) == (400, "too-costly")


@pytest.mark.parametrize(
    ("value", "expression"),
    [
        ({"id": None}, "Bundle.id"),
        ({"id": " "}, "Bundle.id"),
        ({"entry": []}, "Bundle.entry"),
        ({"entry": [{}]}, "Bundle.entry[0]"),
        ({"Mr Smith": 1}, "Bundle"),
        ({"extension": [{"url": "a"}]}, "Bundle.extension[0]"),
        (
            {"extension": [{"url": "a", "valueCode": "b", "extension": [{"url": "c"}]}]},
            "Bundle.extension[0]",
        ),
    ],
)
def test_what_fhir_json_has_no_place_for_is_refused(value: object, expression: str) -> None:
    assert isinstance(value, dict)
    body = json.dumps({"resourceType": "Bundle"} | value).encode()

    assert expression in {issue.expression for issue in refusal(body).issues}


@pytest.mark.parametrize("says", [{}, {"valueDate": "2026-01-01"}])
def test_an_extension_may_say_only_why_its_value_is_absent(says: dict[str, str]) -> None:
    absent = {"extension": [{"url": "urn:why", "valueCode": "unknown"}]}
    extension = {"url": "a", "_valueDate": absent} | says
    body = json.dumps({"resourceType": "Bundle", "extension": [extension]}).encode()

    assert read_resource(body)["extension"] == [extension]


CANCELLED = {"url": INFO_CANCELLED, "valueBoolean": True}
UNKNOWN = {"url": "https://provider.careloom.example/not-wanted", "valueBoolean": True}


def claim(**values: object) -> bytes:
    entry = {"resource": {"resourceType": "Claim"} | values}
    return json.dumps({"resourceType": "Bundle", "entry": [entry]}).encode()


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"modifierExtension": [UNKNOWN]}, "modifierExtension[0]"),
        ({"item": [{"modifierExtension": [CANCELLED, UNKNOWN]}]}, "item[0].modifierExtension[1]"),
        ({"careTeam": [{"modifierExtension": [CANCELLED]}]}, "careTeam[0].modifierExtension[0]"),
        (
            {"contained": [{"resourceType": "Patient", "modifierExtension": [UNKNOWN]}]},
            "contained[0].modifierExtension[0]",
        ),
    ],
)
def test_a_modifier_that_nobody_here_knows_is_refused(
    values: dict[str, object], place: str
) -> None:
    [issue] = refusal(claim(**values)).issues

    assert (issue.code, issue.expression) == ("extension", f"Bundle.entry[0].resource.{place}")


@pytest.mark.parametrize("name", ["item", "supportingInfo"])
def test_what_is_cancelled_is_known(name: str) -> None:
    body = claim(**{name: [{"modifierExtension": [CANCELLED]}]})

    assert read_resource(body) == json.loads(body)


def test_implicit_rules_are_refused() -> None:
    [issue] = refusal(claim(implicitRules="https://provider.careloom.example/rules")).issues

    assert (issue.code, issue.expression) == (
        "not-supported",
        "Bundle.entry[0].resource.implicitRules",
    )


def test_null_may_hold_a_place_among_primitives() -> None:
    body = b'{"resourceType":"Patient","name":[{"given":["A",null]}]}'

    assert read_resource(body)["name"][0]["given"][1] is None


def test_json_that_is_no_fhir_may_hold_what_it_likes() -> None:
    assert read_json(b'{"prefetch":{"a_b":null},"list":[]}')["list"] == []


def test_a_huge_message_gets_a_short_answer() -> None:
    body = json.dumps({"resourceType": "Bundle", "entry": [{}] * 20_000}).encode()

    assert len(refusal(body).issues) <= 50
