from datetime import UTC, datetime
from decimal import Decimal

import pytest

from shared.engine.dmn import LimitExceeded, Model, compile_model
from shared.engine.feel import Date
from shared.errors import ModelError
from tests.shared.engine.dmn.samples import (
    NAMESPACE,
    decision,
    input_data,
    literal,
    model,
    table,
    table_model,
)

SHARED = model(
    input_data("base", "number"),
    decision("left", literal("base + 1"), needs=["i_base"]),
    decision("right", literal("base * 10"), needs=["i_base"]),
    decision("top", literal("left + right"), needs=["d_left", "d_right"]),
)


def test_a_decision_is_evaluated_with_all_that_it_needs() -> None:
    compiled = compile_model(SHARED)
    assert compiled.evaluate("top", {"base": 2}).value == Decimal(23)
    assert compiled.decisions == ("left", "right", "top")
    assert compiled.inputs == ("base",)
    assert (compiled.name, compiled.namespace) == ("Sample", "urn:sample")


def test_each_decision_is_evaluated_once() -> None:
    shared = table(["base"], [["-", "1"]])
    compiled = compile_model(
        model(
            input_data("base"),
            decision("shared", shared, needs=["i_base"]),
            decision("a", literal("shared"), needs=["d_shared"]),
            decision("b", literal("shared"), needs=["d_shared"]),
            decision("c", literal("a + b + shared"), needs=["d_a", "d_b", "d_shared"]),
        )
    )
    result = compiled.evaluate("c", {"base": 1})
    assert result.value == Decimal(3)
    assert len(result.matched) == 1


def test_an_input_of_the_wrong_type_is_null_with_a_reason() -> None:
    result = compile_model(SHARED).evaluate("left", {"base": "two"})
    assert result.value is None
    assert [(d.element, d.column) for d in result.diagnostics] == [("base", 0), ("left", 6)]


def test_an_input_that_is_not_given_is_reported() -> None:
    result = compile_model(SHARED).evaluate("left", {})
    assert result.diagnostics[0].message == "the input is not given"


def test_messages_hold_no_value_of_the_data() -> None:
    result = compile_model(SHARED).evaluate("top", {"base": "SECRET"})
    assert not any("SECRET" in d.message for d in result.diagnostics)


def test_an_unknown_decision_is_refused() -> None:
    with pytest.raises(ModelError, match="there is no such decision"):
        compile_model(SHARED).evaluate("nowhere", {})
    with pytest.raises(ModelError, match="there is no such decision service"):
        compile_model(SHARED).evaluate_service("nowhere", {})


def test_a_decision_that_needs_itself_is_refused() -> None:
    xml = model(
        decision("a", literal("b"), needs=["d_b"]), decision("b", literal("a"), needs=["d_a"])
    )
    with pytest.raises(ModelError, match="the decision needs itself"):
        compile_model(xml)


def test_a_requirement_that_is_not_there_is_refused() -> None:
    with pytest.raises(ModelError, match="is no decision or input"):
        compile_model(model(decision("a", literal("1"), needs=["d_none"])))
    with pytest.raises(ModelError, match="is no function"):
        compile_model(model(decision("a", literal("1"), knows=["k_none"])))


def test_time_comes_from_the_caller() -> None:
    compiled = compile_model(model(decision("day", literal("today()"))))
    now = datetime(2026, 3, 1, 23, tzinfo=UTC)
    assert compiled.evaluate("day", {}, now=now).value == Date(2026, 3, 1)
    assert compiled.evaluate("day", {}).value is None


def test_read_leniently_a_broken_text_is_null_and_listed() -> None:
    xml = model(decision("good", literal("1")), decision("bad", literal("1 +")))
    with pytest.raises(ModelError, match=r"m\.dmn, bad, column 4"):
        compile_model(xml, file="m.dmn")
    compiled = compile_model(xml, file="m.dmn", lenient=True)
    assert compiled.evaluate("good", {}).value == Decimal(1)
    assert compiled.evaluate("bad", {}).value is None
    assert [(p.file, p.element, p.column) for p in compiled.problems] == [("m.dmn", "bad", 4)]


def test_the_hash_is_of_the_content_and_not_of_its_layout() -> None:
    xml = table_model(["n"], [["> 1", "1"]])
    spaced = xml.replace("><", ">\n  <")
    changed = xml.replace("&gt; 1", "&gt; 2")
    assert compile_model(xml).content_hash == compile_model(spaced.encode()).content_hash
    assert compile_model(xml).content_hash != compile_model(changed).content_hash
    assert len(compile_model(xml).content_hash) == 64


def test_a_trace_tells_why_each_row_did_or_did_not_match() -> None:
    xml = table_model(["n", "s"], [["> 5", '"a"', "1"], ["<= 5", "-", "2"]])
    result = compile_model(xml).evaluate("D", {"n": 3, "s": "b"}, trace=True)
    (trace,) = result.trace
    assert (trace.decision, trace.hit_policy) == ("D", "UNIQUE")
    assert [row.matched for row in trace.rows] == [False, True]
    cell = trace.rows[0].cells[0]
    assert (cell.input, cell.value, cell.test, cell.matched) == ("n", Decimal(3), "> 5", False)
    odd = compile_model(xml).evaluate("D", {"n": "x", "s": "b"}, trace=True).trace[0].rows[0]
    assert odd.cells[0].reason == "a string and a number have no order"


def test_the_tables_are_open_to_analysis() -> None:
    xml = table_model(["n"], [["> 5", '"a"']], outputs=("grade",), allowed='"a", "b"')
    ((owner, found),) = compile_model(xml).tables
    assert owner == "D"
    assert found.inputs[0].expression == "n"
    assert found.outputs[0].name == "grade"
    assert found.outputs[0].allowed == '"a", "b"'
    assert found.rules[0].inputs[0].text == "> 5"
    assert (found.rules[0].id, found.rules[0].index) == ("r1", 1)


@pytest.mark.parametrize(
    "namespace",
    [
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        NAMESPACE,
    ],
)
def test_models_of_every_version_since_1_1_are_read(namespace: str) -> None:
    xml = model(decision("a", literal("1 + 1", "feel:number")), namespace=namespace)
    assert compile_model(xml).evaluate("a", {}).value == Decimal(2)


def imported() -> Model:
    return compile_model(
        model(
            "<itemDefinition name='tAge'><typeRef>number</typeRef>"
            "<allowedValues><text>[0..150]</text></allowedValues></itemDefinition>",
            input_data("age", "tAge"),
            decision("is adult", literal("age >= 18"), needs=["i_age"]),
            "<businessKnowledgeModel name='twice' id='k_twice'><variable name='twice'/>"
            "<encapsulatedLogic><formalParameter name='n'/>"
            + literal("n * 2")
            + "</encapsulatedLogic></businessKnowledgeModel>",
            own="urn:other",
        )
    )


IMPORTING = model(
    "<import name='other' namespace='urn:other' importType='https://www.omg.org/spec/DMN/'/>",
    input_data("mine", "other.tAge"),
    decision(
        "use",
        literal("if other.is adult then other.twice(mine) else 0"),
        needs=["urn:other#d_is adult", "i_mine"],
        knows=["urn:other#k_twice"],
    ),
)


def test_another_models_decisions_functions_and_types_are_imported_by_name() -> None:
    compiled = compile_model(IMPORTING, imports={"urn:other": imported()})
    assert compiled.evaluate("use", {"age": 20, "mine": 4}).value == Decimal(8)
    assert compiled.evaluate("use", {"urn:other#age": 20, "mine": 4}).value == Decimal(8)
    assert compiled.evaluate("use", {"age": 20, "mine": 400}).value is None
    by_function = compile_model(IMPORTING, imports=lambda _namespace: imported())
    assert by_function.evaluate("use", {"age": 2, "mine": 4}).value == Decimal(0)


def test_an_import_without_a_name_puts_its_elements_beside_ones_own() -> None:
    xml = IMPORTING.replace("name='other'", "name=''").replace("other.", "")
    compiled = compile_model(xml, imports={"urn:other": imported()})
    assert compiled.evaluate("use", {"age": 20, "mine": 4}).value == Decimal(8)


def test_a_model_is_timeless_where_neither_it_nor_an_import_asks_the_time() -> None:
    assert compile_model(IMPORTING, imports={"urn:other": imported()}).is_timeless
    assert compile_model(model(decision("well known", literal("1")))).is_timeless
    telling = compile_model(model(decision("year", literal("today().year")), own="urn:other"))
    assert not telling.is_timeless
    use = "<import name='other' namespace='urn:other' importType='https://www.omg.org/spec/DMN/'/>"
    importing = model(use, decision("one", literal("1")))
    assert not compile_model(importing, imports={"urn:other": telling}).is_timeless


def test_an_import_that_is_not_given_is_refused() -> None:
    with pytest.raises(ModelError, match="the imported model 'urn:other' is not given"):
        compile_model(IMPORTING)


def test_an_evaluation_that_would_not_end_is_stopped() -> None:
    with pytest.raises(LimitExceeded):
        compile_model(model(decision("a", literal("for i in 1..1e9 return i")))).evaluate("a", {})
    xml = model(
        "<businessKnowledgeModel name='f' id='k_f'><variable name='f'/><encapsulatedLogic>"
        "<formalParameter name='n'/>" + literal("f(n)") + "</encapsulatedLogic>"
        "</businessKnowledgeModel>",
        decision("a", literal("f(1)"), knows=["k_f"]),
    )
    with pytest.raises(LimitExceeded):
        compile_model(xml).evaluate("a", {})
