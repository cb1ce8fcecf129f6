from decimal import Decimal
from typing import Any

import pytest

from shared.engine.dmn import compile_model
from tests.shared.engine.dmn.samples import decision, input_data, literal, model


def entry(name: str, logic: str, type_ref: str = "") -> str:
    variable = f"<variable name='{name}' typeRef='{type_ref}'/>" if name else ""
    return f"<contextEntry>{variable}{logic}</contextEntry>"


def value(logic: str) -> Any:
    return compile_model(model(decision("d", logic))).evaluate("d", {}).value


@pytest.mark.parametrize(
    ("logic", "expected"),
    [
        (f"<context>{entry('a b', literal('1'))}{entry('c', literal('a b + 1'))}</context>",
         {"a b": 1, "c": 2}),
        (f"<context>{entry('a', literal('1'))}{entry('', literal('a + 5'))}</context>", 6),
        (f"<context>{entry('a', literal('1'), 'string')}</context>", {"a": None}),
        (f"<list>{literal('1')}{literal('2')}</list>", [1, 2]),
        (("<relation><column name='x'/><column name='y'/>"
         f"<row>{literal('1')}{literal('2')}</row><row>{literal('3')}{literal('4')}</row>"
         "</relation>"), [{"x": 1, "y": 2}, {"x": 3, "y": 4}]),
        ((f"<conditional><if>{literal('1 = 1')}</if><then>{literal('1')}</then>"
         f"<else>{literal('2')}</else></conditional>"), 1),
        ((f"<conditional><if>{literal('null')}</if><then>{literal('1')}</then>"
         f"<else>{literal('2')}</else></conditional>"), None),
        (f"<filter><in>{literal('[1, 2, 3]')}</in><match>{literal('item > 1')}</match></filter>",
         [2, 3]),
        ((f"<for iteratorVariable='my x'><in>{literal('null')}</in>"
         f"<return>{literal('my x')}</return></for>"), None),
        ((f"<for iteratorVariable='my x'><in>{literal('[1, 2]')}</in>"
         f"<return>{literal('my x * 2')}</return></for>"), [2, 4]),
        ((f"<some iteratorVariable='x'><in>{literal('[1, 2]')}</in>"
         f"<satisfies>{literal('x > 1')}</satisfies></some>"), True),
        ((f"<every iteratorVariable='x'><in>{literal('[1, 2]')}</in>"
         f"<satisfies>{literal('x > 1')}</satisfies></every>"), False),
        ((f"<invocation>{literal('abs')}<binding><parameter name='n'/>{literal('-4')}</binding>"
         "</invocation>"), 4),
        (f"<invocation>{literal('1')}</invocation>", None),
        ("<context>"
         + entry("f", f"<functionDefinition><formalParameter name='x' typeRef='number'/>"
                      f"{literal('x + 1')}</functionDefinition>")
         + entry("", literal("f(2)")) + "</context>", 3),
        ("<context>"
         + entry("f", "<functionDefinition kind='Java'>" + literal("{}") + "</functionDefinition>")
         + entry("", literal("f()")) + "</context>", None),
        (literal("1", "string"), None),
        (literal('["a"]', "string"), "a"),
    ],
)  # fmt: skip
def test_a_boxed_expression_has_its_value(logic: str, expected: object) -> None:
    assert value(logic) == expected


def knowledge(name: str, parameters: str, logic: str, knows: str = "") -> str:
    return (
        f"<businessKnowledgeModel name='{name}' id='k_{name}'><variable name='{name}'/>"
        f"<encapsulatedLogic>{parameters}{logic}</encapsulatedLogic>{knows}"
        "</businessKnowledgeModel>"
    )


def test_a_knowledge_model_is_called_and_may_call_itself_and_others() -> None:
    xml = model(
        knowledge(
            "factorial",
            "<formalParameter name='n' typeRef='number'/>",
            literal("if n <= 1 then 1 else multiply(n, factorial(n - 1))"),
            "<knowledgeRequirement><requiredKnowledge href='#k_multiply'/></knowledgeRequirement>",
        ),
        knowledge(
            "multiply",
            "<formalParameter name='a'/><formalParameter name='b'/>",
            literal("a * b"),
        ),
        decision("d", literal("factorial(5)"), knows=["k_factorial"]),
        decision("wrong", literal('factorial("x")'), knows=["k_factorial"]),
        decision("unseen", literal("factorial(5)")),
    )
    compiled = compile_model(xml)
    assert compiled.evaluate("d", {}).value == Decimal(120)
    assert compiled.evaluate("wrong", {}).value is None
    assert compiled.evaluate("unseen", {}).value is None


SERVICE = model(
    input_data("n", "number"),
    decision("base", literal("n + 1"), needs=["i_n"], type_ref="number"),
    decision("twice", literal("base * 2"), needs=["d_base"]),
    decision("thrice", literal("base * 3"), needs=["d_base"]),
    "<decisionService name='whole' id='s_whole'><variable name='whole'/>"
    "<outputDecision href='#d_twice'/><outputDecision href='#d_thrice'/>"
    "<encapsulatedDecision href='#d_base'/><inputData href='#i_n'/></decisionService>",
    "<decisionService name='part' id='s_part'><variable name='part'/>"
    "<outputDecision href='#d_twice'/><inputDecision href='#d_base'/></decisionService>",
    decision("calls", literal("part(10) + whole(n: 1).thrice"), knows=["s_part", "s_whole"]),
    decision(
        "calls wrongly", literal('[part("x"), part(), whole(m: 1)]'), knows=["s_part", "s_whole"]
    ),
)


def test_a_decision_service_answers_from_outside_and_as_a_function() -> None:
    compiled = compile_model(SERVICE)
    assert compiled.services == ("whole", "part")
    assert compiled.evaluate_service("whole", {"n": 1}).value == {"twice": 4, "thrice": 6}
    assert compiled.evaluate_service("part", {"base": 7}).value == {"twice": 14}
    assert compiled.evaluate_service("part", {"base": object()}).value == {"twice": None}
    assert compiled.evaluate_service("part", {}).value == {"twice": None}
    assert compiled.evaluate("calls", {}).value == Decimal(26)
    assert compiled.evaluate("calls wrongly", {}).value == [None, None, None]
    assert len(compiled.evaluate("calls wrongly", {}).diagnostics) == 3


TYPES = model(
    "<itemDefinition name='tGrade'><typeRef>string</typeRef>"
    '<allowedValues><text>"a", "b"</text></allowedValues></itemDefinition>',
    "<itemDefinition name='tGrades' isCollection='true'><typeRef>tGrade</typeRef>"
    "<typeConstraint><text>count(?) &lt; 3</text></typeConstraint></itemDefinition>",
    "<itemDefinition name='tPerson'><itemComponent name='first name'><typeRef>string</typeRef>"
    "</itemComponent><itemComponent name='grades'><typeRef>tGrades</typeRef></itemComponent>"
    "</itemDefinition>",
    input_data("person", "tPerson"),
    input_data("grades", "tGrades"),
    decision("name", literal("person.first name"), needs=["i_person"]),
    decision("grade count", literal("count(grades)"), needs=["i_grades"]),
    decision("list", literal("person.grades"), needs=["i_person"], type_ref="tGrades"),
)


def test_item_definitions_check_inputs_and_results() -> None:
    compiled = compile_model(TYPES)
    person = {"first name": "Ada", "grades": ["a"], "more": 1}
    assert compiled.evaluate("name", {"person": person}).value == "Ada"
    assert compiled.evaluate("name", {"person": {"first name": "Ada"}}).value is None
    assert compiled.evaluate("name", {"person": {**person, "grades": ["x"]}}).value is None
    assert compiled.evaluate("grade count", {"grades": ["a", "b"]}).value == Decimal(2)
    assert compiled.evaluate("grade count", {"grades": "a"}).value == Decimal(1)
    assert compiled.evaluate("grade count", {"grades": ["a", "b", "a"]}).value is None
    assert compiled.evaluate("list", {"person": person}).value == ["a"]
