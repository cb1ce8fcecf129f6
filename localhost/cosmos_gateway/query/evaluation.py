"""Expressions as Python functions of an environment: source names to values.

Three-valued logic: a test is true, false or undefined, and only true keeps a row.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from . import functions
from .aggregates import compile_aggregate
from .like import like_matches
from .operators import OPERATORS
from .syntax import (
    ArrayLiteral,
    Between,
    Binary,
    Call,
    Conditional,
    Constant,
    Expression,
    Index,
    Junction,
    Like,
    Member,
    Name,
    ObjectLiteral,
    Parameter,
    QueryError,
    Subquery,
    Unary,
)
from .values import UNDEFINED, is_equal, is_number

type Environment = Mapping[str, Any]
type Evaluator = Callable[[Environment], Any]

GROUP = "#group"  # The environment's name for the rows of a group; no alias can be called so.


def _no_limit() -> None:
    """Lets a query look at any number of rows."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression may refer to: the sources' names and the query's parameters.

    Attributes:
        tick: called for each row that a query looks at; raises when its time is over.
    """

    names: frozenset[str]
    parameters: Mapping[str, Any]
    tick: Callable[[], None] = _no_limit

    def with_names(self, *names: str) -> "Scope":
        """A scope inside this one, such as a subquery's."""
        return Scope(self.names | set(names), self.parameters, self.tick)


def compile_expression(expression: Expression, scope: Scope) -> Evaluator:
    """The function of an expression.

    Raises:
        QueryError: it names a source, a parameter or a function that there is not.
    """
    return _COMPILERS[type(expression)](expression, scope)


def constant_value(expression: Expression, scope: Scope) -> Any:
    """The value of an expression that names no source.

    Raises:
        QueryError: it does name one.
    """
    return compile_expression(expression, Scope(frozenset(), scope.parameters))({})


def _constant(node: Constant, _: Scope) -> Evaluator:
    value = node.value
    return lambda _: value


def _parameter(node: Parameter, scope: Scope) -> Evaluator:
    if node.name not in scope.parameters:
        raise QueryError(f"The parameter {node.name} is not supplied.", position=node.position)
    value = scope.parameters[node.name]
    return lambda _: value


def _name(node: Name, scope: Scope) -> Evaluator:
    name = node.name
    if name not in scope.names:
        raise QueryError(f"Identifier '{name}' could not be resolved.", position=node.position)
    return lambda environment: environment.get(name, UNDEFINED)


def _index(node: Index, scope: Scope) -> Evaluator:
    base = compile_expression(node.base, scope)
    if isinstance(node.key, Constant) and isinstance(node.key.value, str):
        name = node.key.value

        def property_of(environment: Environment) -> Any:
            value = base(environment)
            return value.get(name, UNDEFINED) if type(value) is dict else UNDEFINED

        return property_of
    key = compile_expression(node.key, scope)
    return lambda environment: _element(base(environment), key(environment))


def _element(value: Any, key: Any) -> Any:
    if isinstance(value, dict) and isinstance(key, str):
        return value.get(key, UNDEFINED)
    if isinstance(value, list) and is_number(key) and 0 <= key < len(value) and key == int(key):
        return value[int(key)]
    return UNDEFINED


def _unary(node: Unary, scope: Scope) -> Evaluator:
    operand = compile_expression(node.operand, scope)

    def negation(environment: Environment) -> Any:
        value = operand(environment)
        return not value if isinstance(value, bool) else UNDEFINED

    def minus(environment: Environment) -> Any:
        value = operand(environment)
        return -value if is_number(value) else UNDEFINED

    def plus(environment: Environment) -> Any:
        value = operand(environment)
        return value if is_number(value) else UNDEFINED

    return {"NOT": negation, "-": minus, "+": plus}[node.operator]


def _junction(node: Junction, scope: Scope) -> Evaluator:
    operands = [compile_expression(operand, scope) for operand in node.operands]
    decisive = node.operator == "OR"

    def junction(environment: Environment) -> Any:
        result: Any = not decisive
        for operand in operands:
            value = operand(environment)
            if value is decisive:
                return decisive
            if not isinstance(value, bool):
                result = UNDEFINED
        return result

    return junction


def _binary(node: Binary, scope: Scope) -> Evaluator:
    left, right = compile_expression(node.left, scope), compile_expression(node.right, scope)
    operate = OPERATORS[node.operator]
    return lambda environment: operate(left(environment), right(environment))


def _member(node: Member, scope: Scope) -> Evaluator:
    value = compile_expression(node.value, scope)
    choices = [compile_expression(choice, scope) for choice in node.choices]

    def member(environment: Environment) -> Any:
        wanted = value(environment)
        if wanted is UNDEFINED:
            return UNDEFINED
        return any(is_equal(wanted, choice(environment)) is True for choice in choices)

    return member


def _between(node: Between, scope: Scope) -> Evaluator:
    return compile_expression(
        Junction("AND", (Binary(">=", node.value, node.low), Binary("<=", node.value, node.high))),
        scope,
    )


def _like(node: Like, scope: Scope) -> Evaluator:
    value, pattern = compile_expression(node.value, scope), compile_expression(node.pattern, scope)
    escape = node.escape

    def like(environment: Environment) -> Any:
        text, form = value(environment), pattern(environment)
        if not isinstance(text, str) or not isinstance(form, str):
            return UNDEFINED
        return like_matches(text, form, escape)

    return like


def _conditional(node: Conditional, scope: Scope) -> Evaluator:
    test, then, otherwise = (
        compile_expression(part, scope) for part in (node.test, node.then, node.otherwise)
    )

    def conditional(environment: Environment) -> Any:
        return then(environment) if test(environment) is True else otherwise(environment)

    return conditional


def _call(node: Call, scope: Scope) -> Evaluator:
    aggregate = compile_aggregate(node.name, node.arguments, node.position)
    if aggregate is not None:
        argument = compile_expression(node.arguments[0], scope)
        return lambda environment: aggregate(argument(row) for row in environment.get(GROUP, ()))
    function = functions.FUNCTIONS.get(node.name)
    if function is None:
        raise QueryError(
            f"The Careloom Cosmos gateway does not support the function {node.name}.",
            position=node.position,
        )
    if not function.least <= len(node.arguments) <= function.most:
        raise QueryError(f"{node.name} has a wrong number of arguments.", position=node.position)
    arguments = [compile_expression(argument, scope) for argument in node.arguments]
    call, takes_undefined = function.call, function.takes_undefined

    def called(environment: Environment) -> Any:
        values = [argument(environment) for argument in arguments]
        if not takes_undefined and UNDEFINED in values:
            return UNDEFINED
        return call(*values)

    return called


def _array(node: ArrayLiteral, scope: Scope) -> Evaluator:
    items = [compile_expression(item, scope) for item in node.items]

    def array(environment: Environment) -> Any:
        return [value for item in items if (value := item(environment)) is not UNDEFINED]

    return array


def _object(node: ObjectLiteral, scope: Scope) -> Evaluator:
    pairs = [(name, compile_expression(value, scope)) for name, value in node.pairs]

    def made(environment: Environment) -> Any:
        return {
            name: value for name, part in pairs if (value := part(environment)) is not UNDEFINED
        }

    return made


def _subquery(node: Subquery, scope: Scope) -> Evaluator:
    from .running import compile_subquery  # noqa: PLC0415 - a query holds expressions, and these hold queries

    run = compile_subquery(node.query, scope)
    if node.kind == "EXISTS":
        return lambda environment: bool(run(environment))
    if node.kind == "ARRAY":
        return run

    def scalar(environment: Environment) -> Any:
        found = run(environment)
        return found[0] if len(found) == 1 else UNDEFINED

    return scalar


_COMPILERS: dict[type, Callable[[Any, Scope], Evaluator]] = {
    Constant: _constant,
    Parameter: _parameter,
    Name: _name,
    Index: _index,
    Unary: _unary,
    Binary: _binary,
    Junction: _junction,
    Member: _member,
    Between: _between,
    Like: _like,
    Conditional: _conditional,
    Call: _call,
    ArrayLiteral: _array,
    ObjectLiteral: _object,
    Subquery: _subquery,
}
