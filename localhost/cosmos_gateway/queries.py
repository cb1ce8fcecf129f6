"""Runs a query over a container's documents and answers one page of it."""

# ruff: noqa: S608 - tables and columns are named by numbers of ours, never by a request

import json
import sqlite3
import time
from collections.abc import Iterator
from typing import Any

from .answers import bad_request
from .containers import Container, Path
from .continuation import after_condition, after_values, read_token, write_token
from .ordering import in_order
from .pages import Page, QueryRequest
from .planning import Condition, Planner
from .query import QueryError, parse
from .query.checking import refuse_across_partitions
from .query.dates import now_seconds
from .query.evaluation import Scope
from .query.running import compile_query
from .query.syntax import Call, Constant, Name
from .query.values import UNDEFINED

SECONDS_MAX = 10.0
PAGE_ITEMS_DEFAULT = 1000
PAGE_BYTES_MAX = 4 * 1024 * 1024
SQLITE_STEPS_BETWEEN_CHECKS = 50_000
# An index is worth its upkeep where a container is large and a query read much of it.
DOCUMENTS_WORTH_INDEXING = 1000
READS_WORTH_INDEXING = 200


def answer_page(
    connection: sqlite3.Connection, container: Container, request: QueryRequest
) -> Page:
    """One page of a query.

    Raises:
        ApiError: 400, the query is malformed, not supported, or took too long.
    """
    deadline = time.monotonic() + SECONDS_MAX
    connection.set_progress_handler(
        lambda: time.monotonic() > deadline, SQLITE_STEPS_BETWEEN_CHECKS
    )
    token = now_seconds.set(request.now)
    try:
        return _Run(connection, container, request, deadline).page()
    except QueryError as error:
        raise bad_request(_syntax_message(str(error))) from error
    except RecursionError as error:
        raise bad_request(_syntax_message("The query is too complex.")) from error
    except sqlite3.OperationalError as error:
        if str(error) != "interrupted":
            raise
        raise bad_request(f"The query took longer than {SECONDS_MAX:g} seconds.") from error
    finally:
        now_seconds.reset(token)
        connection.set_progress_handler(None, 0)


def _syntax_message(text: str) -> str:
    """Cosmos DB wraps what is wrong with a query in a list of errors."""
    return json.dumps({"errors": [{"severity": "Error", "code": "SC1001", "message": text}]})


class _Run:
    """One page of one query in the making."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        container: Container,
        request: QueryRequest,
        deadline: float,
    ) -> None:
        self._connection = connection
        self._container = container
        self._request = request
        self._deadline = deadline
        self._reads = 0
        query = parse(request.text)
        if not request.extent.is_one_partition:
            refuse_across_partitions(query)
        self._compiled = compile_query(
            query, Scope(frozenset(), request.parameters, self._check_time)
        )
        self._planner = Planner(self._compiled.root, container.usable(), request.parameters)
        self._condition = self._planner.condition(query.where) if query.where else Condition("1")
        self._has_conditions = bool(self._planner.equal_paths or self._planner.other_paths)

    def page(self) -> Page:
        query = self._compiled.query
        order = self._sql_order()
        if query.source is None:
            page = self._cut(self._compiled.run([{}]))
        elif self._is_plain_count():
            page = self._count()
        elif self._compiled.is_streaming:
            page = self._stream(order)
        else:
            roots = ({self._compiled.root: json.loads(body)} for _, body, _ in self._documents())
            page = self._cut(self._compiled.run(roots))
        page.wanted = self._wanted_index()
        return page

    # What SQL answers

    def _where(self) -> Condition:
        parts, arguments = self._request.extent.conditions()
        parts.append(self._condition.text)
        arguments += self._condition.arguments
        if self._container.default_ttl is not None:
            parts.append("(expires IS NULL OR expires > ?)")
            arguments.append(int(self._request.now))
        return Condition(" AND ".join(parts), arguments)

    def _sql_order(self) -> list[tuple[str, bool]] | None:
        """The columns to order by; None where one of the expressions has no column."""
        result = []
        for expression, descends in self._compiled.query.order:
            column = self._planner.column(expression, self._planner.other_paths)
            result.append((column, descends))
        if any(column is None for column, _ in result):
            return None
        return [(column, descends) for column, descends in result if column is not None]

    def _is_plain_count(self) -> bool:
        query = self._compiled.query
        if query.joins or query.group or query.is_distinct or not self._condition.is_exact:
            return False
        if len(query.columns) != 1 or query.source is None or query.source.value is not None:
            return False
        call = query.columns[0][1]
        if not isinstance(call, Call) or call.name != "COUNT" or len(call.arguments) != 1:
            return False
        argument = call.arguments[0]
        if isinstance(argument, Constant):
            return argument.value is not UNDEFINED
        return isinstance(argument, Name) and argument.name == self._compiled.root

    def _count(self) -> Page:
        where = self._where()
        statement = f"SELECT COUNT(*) FROM heads_{self._container.number} WHERE {where.text}"
        count = self._connection.execute(statement, where.arguments).fetchone()[0]
        query = self._compiled.query
        return self._cut([count if query.is_value else {query.columns[0][0]: count}])

    def _ordered(
        self, order: list[tuple[str, bool]] | None, after: list[Any] | None, limit: int | None
    ) -> Iterator[tuple[int, str, tuple[bytes | None, ...]]]:
        """The documents after a place in the query's order, given by SQL or, else, sorted here."""
        if order is not None:
            yield from self._documents(order, after, limit)
            return
        documents = ((row, body) for row, body, _ in self._documents())
        place = None if after is None else after_values(after)
        for row, keys in in_order(documents, self._compiled, place):
            body = self._body(row)
            if body is not None:
                yield row, body, keys

    def _body(self, row: int) -> str | None:
        statement = f"SELECT body FROM bodies_{self._container.number} WHERE row = ?"
        found = self._connection.execute(statement, (row,)).fetchone()
        return None if found is None else str(found[0])

    def _documents(
        self,
        order: list[tuple[str, bool]] | None = None,
        after: list[Any] | None = None,
        limit: int | None = None,
    ) -> Iterator[tuple[int, str, tuple[bytes | None, ...]]]:
        """The row, the body and the order's keys of each document that the SQL keeps."""
        keys = [*(order or []), ("row", False)]
        where = self._where()
        text, arguments = where.text, where.arguments
        if after is not None:
            place, values = after_condition(keys, after_values(after))
            text, arguments = f"{text} AND {place}", [*arguments, *values]
        ordering = ", ".join(f"{column} DESC" if down else column for column, down in keys)
        columns = ", ".join(["row", *(column for column, _ in keys[:-1])])
        statement = (
            f"SELECT {columns} FROM heads_{self._container.number} "
            f"WHERE {text} ORDER BY {ordering}" + (f" LIMIT {limit}" if limit is not None else "")
        )
        for row, *found in self._connection.execute(statement, arguments):
            self._reads += 1
            body = self._body(row)
            if body is not None:
                yield row, body, tuple(found)

    # Pages

    def _stream(self, order: list[tuple[str, bool]] | None) -> Page:
        """A page of a query whose rows do not depend on one another."""
        compiled, token = self._compiled, read_token(self._request.continuation)
        seen, after = token.get("seen", 0), token.get("after")
        if after is not None and len(after) != len(compiled.order) + 1:
            raise bad_request("The continuation token is another query's.")
        # Results are numbered from 0 before OFFSET; these are the ones the page is to hold.
        at = seen if after is not None else 0
        first = max(seen, compiled.offset)
        end = None if compiled.limit is None else compiled.offset + compiled.limit
        stop = first + self._request.items_max
        stop = stop if end is None else min(stop, end)
        exact = self._condition.is_exact
        needs_document = not (exact and self._is_whole_document())
        page, size, last = Page(), 0, None
        limit = stop - at + 1 if exact else None
        for row, body, keys in self._ordered(order, after, limit):
            document = {compiled.root: json.loads(body)} if needs_document else None
            if document is not None and not exact and not any(map(bool, compiled.kept(document))):
                continue
            if at >= stop or size > PAGE_BYTES_MAX:
                if end is None or at < end:
                    page.continuation = write_token(at, last)
                break
            at += 1
            last = [*keys, row]
            if at > first:
                text = body if document is None else self._projected(document, body)
                if text is not None:
                    page.texts.append(text)
                    size += len(text)
        return page

    def _is_whole_document(self) -> bool:
        query = self._compiled.query
        if not query.columns:
            return True
        only = query.columns[0][1]
        return query.is_value and isinstance(only, Name) and only.name == self._compiled.root

    def _projected(self, row: dict[str, Any], body: str) -> str | None:
        if self._is_whole_document():
            return body
        value = self._compiled.project(row)
        return None if value is UNDEFINED else json.dumps(value, separators=(",", ":"))

    def _cut(self, results: list[Any]) -> Page:
        """The page of results that the token asks for, of results all at hand."""
        first = read_token(self._request.continuation).get("seen", 0)
        page, size, at = Page(), 0, first
        while at < len(results):
            if at - first >= self._request.items_max or size > PAGE_BYTES_MAX:
                page.continuation = write_token(at, None)
                break
            text = json.dumps(results[at], separators=(",", ":"))
            page.texts.append(text)
            size += len(text)
            at += 1
        return page

    # Bounds and hints

    def _check_time(self) -> None:
        if time.monotonic() > self._deadline:
            raise bad_request(f"The query took longer than {SECONDS_MAX:g} seconds.")

    def _wanted_index(self) -> tuple[Path, ...]:
        if self._container.next_row < DOCUMENTS_WORTH_INDEXING:
            return ()
        planner = self._planner
        if not self._has_conditions:
            return ()  # An index holds only the documents that have its first path.
        paths = [*sorted(planner.equal_paths)]
        paths += [path for path in planner.other_paths if path not in paths]
        columns = [planner.columns.get(path) for path in paths]
        if not paths or columns in [index[: len(columns)] for index in self._container.indexes]:
            return ()
        if "id" in columns or "pk" in columns:
            return ()
        if self._request.extent.is_one_partition and self._reads < READS_WORTH_INDEXING:
            return ()
        return tuple(paths)
