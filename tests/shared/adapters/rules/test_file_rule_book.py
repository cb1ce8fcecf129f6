"""The rule book over the tables of the business."""

from pathlib import Path

import pytest

from shared.adapters.rules.file_rule_book import FileRuleBook
from shared.adapters.rules.seeding import DECISIONS
from shared.contracts.decision_log import hash_of
from shared.errors import PermanentError
from tests.shared.ports.samples import NOON

OFFICE_VISIT = {"service code": "99212", "category": "1"}


@pytest.fixture(scope="module")
def rules() -> FileRuleBook:
    return FileRuleBook()


async def test_an_answer_names_its_model_version_rows_and_inputs(rules: FileRuleBook) -> None:
    answer = await rules.ask("service-class", "Service class", OFFICE_VISIT, at=NOON)
    assert answer.value == "office visit"
    assert answer.model == "service-class"
    assert answer.version == (await rules.versions(NOON))["service-class"]
    assert answer.rows[0] == "Service class#office-visit"
    assert answer.input_hash == hash_of(OFFICE_VISIT)


async def test_every_model_of_the_folder_has_a_version(rules: FileRuleBook) -> None:
    versions = await rules.versions(NOON)
    assert set(versions) == {file.stem for file in DECISIONS.glob("*.dmn")}
    assert all(len(version) == 64 for version in versions.values())


async def test_the_pinned_version_answers_and_another_does_not(rules: FileRuleBook) -> None:
    pinned = (await rules.versions(NOON))["service-class"]
    ask = ("service-class", "Service class", OFFICE_VISIT)
    assert (await rules.ask(*ask, at=NOON, version=pinned)).version == pinned
    with pytest.raises(PermanentError, match="service-class has no version"):
        await rules.ask(*ask, at=NOON, version="0" * 64)


async def test_a_diagnostic_fails_aloud_without_a_value(rules: FileRuleBook) -> None:
    given = {"service code": 4711, "category": "1"}
    with pytest.raises(
        PermanentError, match=r"service-class, Service class, service code: .*type"
    ) as caught:
        await rules.ask("service-class", "Service class", given, at=NOON)
    assert "4711" not in str(caught.value)


@pytest.mark.parametrize(
    ("model", "decision"), [("no-such-model", "Service class"), ("service-class", "No such")]
)
async def test_what_is_not_there_cannot_be_asked(
    rules: FileRuleBook, model: str, decision: str
) -> None:
    with pytest.raises(PermanentError, match=model):
        await rules.ask(model, decision, OFFICE_VISIT, at=NOON)


async def test_a_broken_model_names_its_file(tmp_path: Path) -> None:
    (tmp_path / "broken.dmn").write_text("<definitions")
    with pytest.raises(PermanentError, match=r"broken\.dmn"):
        await FileRuleBook(tmp_path).versions(NOON)
