import pytest

from shared.engine.dmn.reader import read_definitions
from shared.errors import ModelError
from tests.shared.engine.dmn.samples import decision, literal, model, table


def test_a_document_of_another_kind_is_refused() -> None:
    for xml in ("<a/>", model(namespace="urn:other"), "<definitions/>"):
        with pytest.raises(ModelError, match="no DMN"):
            read_definitions(xml, "m.dmn")


@pytest.mark.parametrize(
    ("logic", "message"),
    [
        (table(["n"], [["1", "2", "3"]]), "D: rule 1 has too few or too many cells"),
        (table(["n"], [], hit_policy="BEST"), "D: an unknown hit policy 'BEST'"),
        (table(["n"], [], outputs=()), "D: a decision table without outputs"),
        ("<conditional><if/></conditional>", "D: <if> holds no expression, line 1"),
        ("<filter/>", "D: <filter> without <in>, line 1"),
        (f"<relation><column name='a'/><row>{literal('1')}{literal('2')}</row></relation>",
         "D: a row with missing values, line 1"),
    ],
)  # fmt: skip
def test_an_incomplete_expression_is_refused_with_its_place(logic: str, message: str) -> None:
    with pytest.raises(ModelError, match=message) as caught:
        read_definitions(model(decision("D", logic)), "m.dmn")
    assert caught.value.file == "m.dmn"


def test_what_a_decision_says_about_itself_is_kept() -> None:
    logic = f"<description>why</description><question>what?</question>{literal('1')}"
    (found,) = read_definitions(model(decision("D", logic))).decisions
    assert (found.description, found.question) == ("why", "what?")


def test_rules_keep_their_annotations() -> None:
    logic = (
        table(["n"], [["1", "2"]])
        .replace("<rule", "<annotation name='why'/><rule")
        .replace("</rule>", "<annotationEntry><text>because</text></annotationEntry></rule>")
    )
    found = read_definitions(model(decision("D", logic))).decisions[0].logic
    assert found is not None
    assert getattr(found, "annotations", None) == ("why",)
    assert found.rules[0].annotations == ("because",)  # type: ignore[attr-defined] # It is a table.
