"""Definitions to nodes: hrefs resolved, scopes worked out, every text compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.engine.dmn.boxed import compile_boxed, function_maker
from shared.engine.dmn.compiling import Author
from shared.engine.dmn.definitions import Decision, FunctionExpression, KnowledgeModel
from shared.engine.dmn.item_types import ItemTypes
from shared.engine.dmn.nodes import DecisionNode, InputNode, ServiceNode
from shared.engine.feel.expression import BUILT_IN_NAMES
from shared.engine.feel.functions import UserFunction
from shared.engine.feel.lexer import Names
from shared.engine.feel.running import Unit
from shared.engine.feel.value_types import ANY, Type, coerce
from shared.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shared.engine.dmn.definitions import DecisionService, Definitions, Variable
    from shared.engine.feel.running import Run
    from shared.engine.feel.values import Scope

type Node = InputNode | DecisionNode | ServiceNode | UserFunction
type Place = tuple[str, str]


class Linked:
    """The nodes of one model.

    Attributes:
        definitions: the model as written.
        types: its types.
        nodes: every node of it and of the models it imports, by namespace and id.
        names: name of each node, under the import's name where it is of another model.
        decisions: its own decisions by name.
        inputs: its own input data by name.
        services: its own decision services by name.
        problems: texts that cannot be compiled, where the model was to be read leniently.
    """

    def __init__(
        self,
        definitions: Definitions,
        imported: Sequence[tuple[str, Linked]],
        problems: list[ModelError] | None,
    ) -> None:
        self.definitions = definitions
        self.problems = problems
        self.nodes: dict[Place, Node] = {}
        self.names: dict[Place, tuple[str, str]] = {}
        self.decisions: dict[str, DecisionNode] = {}
        self.inputs: dict[str, InputNode] = {}
        self.services: dict[str, ServiceNode] = {}
        self._scopes: list[tuple[KnowledgeModel, Scope]] = []
        self._names = Names(outer=BUILT_IN_NAMES)
        self.types: ItemTypes = ItemTypes(
            definitions.items,
            self._names,
            [(name, linked.types) for name, linked in imported],
        )
        for name in self.types.names():
            self._names.add(name)
        self._take_over(imported)
        self._place_nodes()
        self._link()

    def author(self, owner: str) -> Author:
        """Who compiles the texts of an element."""
        return Author(owner, self.definitions.file, self.types, self.problems)

    def _take_over(self, imported: Sequence[tuple[str, Linked]]) -> None:
        for prefix, linked in imported:
            self.nodes.update(linked.nodes)
            for place, (inner, name) in linked.names.items():
                if not inner:  # An import is seen through one model, not through two.
                    self.names[place] = (prefix, name)

    def _place_nodes(self) -> None:
        """Make every node that others may refer to, before any of them is linked."""
        for item in self.definitions.inputs:
            wanted = self._type(item.variable, item.name)
            node = InputNode(item.variable.name, self.definitions.namespace, wanted)
            self._add(item.id, item.variable.name, node)
            self.inputs[item.name] = node
        for decision in self.definitions.decisions:
            made = DecisionNode(decision.name, self._type(decision.variable, decision.name))
            self._add(decision.id, decision.variable.name, made)
            if decision.name in self.decisions:
                self._refuse("two decisions have this name", decision.name)
            self.decisions[decision.name] = made
        functions: list[KnowledgeModel | DecisionService] = [
            *self.definitions.knowledge,
            *self.definitions.services,
        ]
        for function in functions:
            place = (self.definitions.namespace, function.id or function.variable.name)
            self.names[place] = ("", function.variable.name)

    def _link(self) -> None:
        """Functions first, since decisions see them; their scopes fill up as more are known."""
        for knowledge in self.definitions.knowledge:
            self._link_knowledge(knowledge)
        for service in self.definitions.services:
            self._link_service(service)
        for knowledge, scope in self._scopes:
            self._fill(scope, knowledge.knows, knowledge.name)
        for decision in self.definitions.decisions:
            self._link_decision(decision)
        self._check_cycles()

    def _link_knowledge(self, knowledge: KnowledgeModel) -> None:
        author = self.author(knowledge.name)
        scope: Scope = {}
        names = Names((*self._visible(knowledge.knows), knowledge.name), outer=self._names)
        logic = knowledge.logic or FunctionExpression("", "", "FEEL", (), None)
        function = function_maker(logic, author, names)(scope)
        wanted = author.type(knowledge.variable.type_ref)
        if wanted is not None and self._is_result_type(wanted):
            function = _with_result(function, wanted)
        scope[knowledge.variable.name] = function
        self._scopes.append((knowledge, scope))
        self._add(knowledge.id, knowledge.variable.name, function)

    @staticmethod
    def _is_result_type(wanted: Type) -> bool:
        """A knowledge model's variable names its function type, or (before 1.3) its result."""
        return not hasattr(wanted, "parameters")

    def _link_service(self, service: DecisionService) -> None:
        inputs = [*service.input_data, *service.input_decisions]
        wanted = self._type(service.variable, service.name)
        result = getattr(wanted, "result", None) if hasattr(wanted, "parameters") else wanted
        node = ServiceNode(
            service.name,
            tuple(self._value_node(href, service.name) for href in inputs),
            tuple(
                found
                for href in service.outputs
                if isinstance(found := self._value_node(href, service.name), DecisionNode)
            ),
            result or ANY,
        )
        self._add(service.id, service.variable.name, node)
        self.services[service.name] = node

    def _link_decision(self, decision: Decision) -> None:
        node = self.decisions[decision.name]
        for href in decision.requires:
            found = self._value_node(href, decision.name)
            prefix, name = self.names[self._place(href)]
            if prefix:
                node.nested.append((prefix, name, found))
            else:
                node.requires.append((name, found))
        self._fill(node.constants, decision.knows, decision.name)
        names = Names(self._visible((*decision.requires, *decision.knows)), outer=self._names)
        node.logic = compile_boxed(decision.logic, self.author(decision.name), names)

    def _fill(self, scope: Scope, hrefs: Iterable[str], owner: str) -> None:
        for href in hrefs:
            place = self._place(href)
            node = self.nodes.get(place)
            if not isinstance(node, UserFunction | ServiceNode):
                self._refuse(f"requires {href!r}, which is no function of the model", owner)
                continue
            prefix, name = self.names[place]
            if prefix:
                scope[prefix] = {**scope.get(prefix, {}), name: node}
            else:
                scope[name] = node

    def _visible(self, hrefs: Iterable[str]) -> Iterable[str]:
        for href in hrefs:
            prefix, name = self.names.get(self._place(href), ("", ""))
            yield name or prefix
            yield prefix

    def _value_node(self, href: str, owner: str) -> InputNode | DecisionNode:
        node = self.nodes.get(self._place(href))
        if isinstance(node, InputNode | DecisionNode):
            return node
        raise ModelError(
            f"requires {href!r}, which is no decision or input of the model",
            file=self.definitions.file,
            element=owner,
        )

    def _place(self, href: str) -> Place:
        namespace, _, element = href.rpartition("#")
        return namespace or self.definitions.namespace, element

    def _add(self, element: str, name: str, node: Node) -> None:
        place = (self.definitions.namespace, element or name)
        if place in self.nodes:
            self._refuse("two elements have this id", element)
        self.nodes[place] = node
        self.names[place] = ("", name)

    def _type(self, variable: Variable, owner: str) -> Type:
        return self.author(owner).type(variable.type_ref) or ANY

    def _refuse(self, message: str, owner: str) -> None:
        self.author(owner).refuse(message, owner)

    def _check_cycles(self) -> None:
        """Refuse a decision that needs itself.

        Raises:
            ModelError: one does.
        """
        done: set[DecisionNode] = set()
        for start in self.decisions.values():
            under_way: set[DecisionNode] = set()
            pending: list[tuple[DecisionNode, bool]] = [(start, False)]
            while pending:
                node, is_left = pending.pop()
                if is_left:
                    under_way.discard(node)
                    done.add(node)
                elif node in under_way:
                    self._refuse_cycle(node)
                elif node not in done:
                    under_way.add(node)
                    pending.append((node, True))
                    pending.extend((part, False) for part in _needed_decisions(node))

    def _refuse_cycle(self, node: DecisionNode) -> None:
        raise ModelError("the decision needs itself", file=self.definitions.file, element=node.name)


def _needed_decisions(node: DecisionNode) -> list[DecisionNode]:
    parts = [part for _, part in node.requires] + [part for _, _, part in node.nested]
    return [part for part in parts if isinstance(part, DecisionNode)]


def _with_result(function: UserFunction, wanted: Type) -> UserFunction:
    """The function with its answer converted to a type."""

    def body(scope: Scope, run: Run) -> Any:
        return coerce(function.body(scope, run), wanted, run)

    return UserFunction(
        function.parameters,
        function.types,
        body,
        function.scope,
        Unit(function.unit.element, ""),
        function.result,
    )
