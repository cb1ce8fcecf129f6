"""DMN XML, versions 1.1 to 1.5, to definitions.

Elements are told by their local names, which did not change between the versions; what a version
does not have is simply not found. Diagrams and extensions are passed over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.engine.dmn import definitions as dmn
from shared.engine.dmn.read_expression import read_expression, read_function, variable_of
from shared.engine.dmn.xml import Element, read_xml
from shared.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMESPACES = frozenset(
    {
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20151101/dmn11.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    }
)
"""DMN 1.1 (two spellings) to 1.5."""


def read_definitions(xml: bytes | str, file: str = "") -> dmn.Definitions:
    """The definitions of a DMN document.

    Raises:
        ModelError: it is not well-formed, not safe, no DMN model, or an incomplete one.
    """
    return definitions_of(read_xml(xml, file), file)


def definitions_of(root: Element, file: str = "") -> dmn.Definitions:
    """The definitions of a DMN document, given its root element.

    Raises:
        ModelError: it is no DMN model, or an incomplete one.
    """
    if root.tag != "definitions" or root.namespace not in NAMESPACES:
        raise ModelError("the document is no DMN 1.1 to 1.5 model", file=file)
    try:
        return _definitions(root, file)
    except ModelError as error:
        raise error if error.file else ModelError(str(error), file=file) from error


def _definitions(root: Element, file: str) -> dmn.Definitions:
    services = [*root.all("decisionService")]
    for decision in root.all("decision"):  # DMN 1.1 let a service stand within.
        services.extend(decision.all("decisionService"))
    return dmn.Definitions(
        name=root.get("name"),
        namespace=root.get("namespace"),
        imports=tuple(
            dmn.Import(
                _name(child),
                child.get("namespace"),
                child.get("locationURI"),
                child.get("importType"),
            )
            for child in root.all("import")
        ),
        items=tuple(_item(child) for child in root.all("itemDefinition")),
        inputs=tuple(
            dmn.InputData(child.get("id"), _name(child), _own_variable(child))
            for child in root.all("inputData")
        ),
        decisions=tuple(_decision(child) for child in root.all("decision")),
        knowledge=tuple(_knowledge(child) for child in root.all("businessKnowledgeModel")),
        services=tuple(_service(child) for child in services),
        file=file,
    )


def _item(element: Element) -> dmn.ItemDefinition:
    function = element.first("functionItem")
    return dmn.ItemDefinition(
        name=_name(element),
        type_ref=_type_ref(element),
        is_collection=element.get("isCollection") in {"true", "1"},
        allowed=_tests(element, "allowedValues"),
        constraint=_tests(element, "typeConstraint"),
        components=tuple(_item(child) for child in element.all("itemComponent")),
        function=None if function is None else _function_item(function),
    )


def _function_item(element: Element) -> dmn.FunctionItem:
    parameters = (variable_of(child) for child in element.all("parameters"))
    return dmn.FunctionItem(tuple(parameters), element.get("outputTypeRef"))


def _decision(element: Element) -> dmn.Decision:
    requirements = [*element.all("informationRequirement")]
    return dmn.Decision(
        id=element.get("id"),
        name=_name(element),
        variable=_own_variable(element),
        requires=tuple(_hrefs(requirements, "requiredDecision", "requiredInput")),
        knows=_knows(element),
        logic=read_expression(element, _name(element)),
        question=element.text_of("question"),
        description=element.text_of("description"),
    )


def _knowledge(element: Element) -> dmn.KnowledgeModel:
    logic = element.first("encapsulatedLogic")
    return dmn.KnowledgeModel(
        id=element.get("id"),
        name=_name(element),
        variable=_own_variable(element),
        knows=_knows(element),
        logic=None if logic is None else read_function(logic, _name(element)),
    )


def _service(element: Element) -> dmn.DecisionService:
    def hrefs(tag: str) -> tuple[str, ...]:
        return tuple(child.get("href") for child in element.all(tag))

    return dmn.DecisionService(
        id=element.get("id"),
        name=_name(element),
        variable=_own_variable(element),
        outputs=hrefs("outputDecision"),
        encapsulated=hrefs("encapsulatedDecision"),
        input_decisions=hrefs("inputDecision"),
        input_data=hrefs("inputData"),
    )


def _knows(element: Element) -> tuple[str, ...]:
    return tuple(_hrefs([*element.all("knowledgeRequirement")], "requiredKnowledge"))


def _hrefs(requirements: list[Element], *tags: str) -> Iterator[str]:
    for requirement in requirements:
        for child in requirement.all(*tags):
            yield child.get("href")


def _own_variable(element: Element) -> dmn.Variable:
    """The variable of an element; without one it has the element's name (DMN 1.1 files)."""
    child = element.first("variable")
    if child is None:
        return dmn.Variable(_name(element))
    found = variable_of(child)
    return found if found.name else dmn.Variable(_name(element), found.type_ref)


def _name(element: Element) -> str:
    return " ".join(element.get("name").split())


def _type_ref(element: Element) -> str:
    child = element.first("typeRef")
    return child.text.strip() if child is not None else element.get("typeRef")


def _tests(element: Element, tag: str) -> str:
    child = element.first(tag)
    return child.text_of("text") if child is not None else ""
