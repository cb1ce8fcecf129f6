"""Small DMN models for the tests, built from the little that each test is about."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMESPACE = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def model(*parts: str, namespace: str = NAMESPACE, own: str = "urn:sample") -> str:
    """A whole document."""
    start = f'<definitions xmlns="{namespace}" namespace="{own}" name="Sample">'
    return f"{start}{''.join(parts)}</definitions>"


def input_data(name: str, type_ref: str = "") -> str:
    """An input; its id is "i_" and its name."""
    return (
        f"<inputData name={quoteattr(name)} id={quoteattr('i_' + name)}>"
        f"<variable name={quoteattr(name)}{_typed(type_ref)}/></inputData>"
    )


def decision(
    name: str,
    logic: str,
    *,
    needs: Sequence[str] = (),
    knows: Sequence[str] = (),
    type_ref: str = "",
) -> str:
    """A decision; its id is "d_" and its name, and what it needs is given as hrefs' ids."""
    needed = "".join(
        "<informationRequirement>"
        f"<required{'Input' if '#i_' in '#' + part else 'Decision'} href={quoteattr(_href(part))}/>"
        "</informationRequirement>"
        for part in needs
    )
    known = "".join(
        f"<knowledgeRequirement><requiredKnowledge href={quoteattr(_href(part))}/>"
        "</knowledgeRequirement>"
        for part in knows
    )
    return (
        f"<decision name={quoteattr(name)} id={quoteattr('d_' + name)}>"
        f"<variable name={quoteattr(name)}{_typed(type_ref)}/>{needed}{known}{logic}</decision>"
    )


def literal(text: str, type_ref: str = "") -> str:
    """A literal expression."""
    return f"<literalExpression{_typed(type_ref)}><text>{escape(text)}</text></literalExpression>"


def table(  # noqa: PLR0913 - the parts of a table
    inputs: Sequence[str],
    rules: Sequence[Sequence[str]],
    *,
    hit_policy: str = "UNIQUE",
    aggregation: str = "",
    outputs: Sequence[str] = ("",),
    allowed: str = "",
    default: str = "",
    allowed_inputs: str = "",
) -> str:
    """A decision table: input expressions, then rules whose last cells are the outputs."""
    limits = f"<inputValues><text>{escape(allowed_inputs)}</text></inputValues>"
    columns = "".join(
        f"<input label={quoteattr(text)}><inputExpression><text>{escape(text)}</text>"
        f"</inputExpression>{limits if allowed_inputs else ''}</input>"
        for text in inputs
    )
    values = f"<outputValues><text>{escape(allowed)}</text></outputValues>" if allowed else ""
    fallback = f"<defaultOutputEntry><text>{escape(default)}</text></defaultOutputEntry>"
    columns += "".join(
        f"<output name={quoteattr(name)}>{values}{fallback if default else ''}</output>"
        for name in outputs
    )
    rows = "".join(
        f'<rule id="r{number}">'
        + "".join(
            f"<{tag}><text>{escape(cell)}</text></{tag}>"
            for index, cell in enumerate(rule)
            for tag in ("inputEntry" if index < len(inputs) else "outputEntry",)
        )
        + "</rule>"
        for number, rule in enumerate(rules, 1)
    )
    more = f' aggregation="{aggregation}"' if aggregation else ""
    return f'<decisionTable hitPolicy="{hit_policy}"{more}>{columns}{rows}</decisionTable>'


def table_model(inputs: Sequence[str], rules: Sequence[Sequence[str]], **details: object) -> str:
    """A model with one decision, "D", that is a table over inputs of the same names."""
    logic = table(inputs, rules, **details)  # type: ignore[arg-type]
    needs = [f"i_{name}" for name in inputs]
    return model(decision("D", logic, needs=needs), *(input_data(name) for name in inputs))


def _typed(type_ref: str) -> str:
    return f" typeRef={quoteattr(type_ref)}" if type_ref else ""


def _href(part: str) -> str:
    return part if "#" in part else f"#{part}"
