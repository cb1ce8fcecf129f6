"""A signed request, and what its headers say."""

from dataclasses import dataclass
from typing import Any

from multidict import CIMultiDictProxy

from .answers import ApiError, bad_request, not_supported
from .documents import decode_json, partition_key_in_header
from .extents import HIGHEST, LOWEST, Extent

PAGE_ITEMS_MAX = 10_000


@dataclass(slots=True)
class Request:
    """A signed request.

    Attributes:
        method: the HTTP method.
        segments: the decoded parts of the path.
        headers: as sent.
        body: the text sent.
    """

    method: str
    segments: list[str]
    headers: CIMultiDictProxy[str]
    body: str

    def header(self, name: str) -> str:
        """A header's value; empty where it is missing."""
        return self.headers.get(name, "")

    def says(self, name: str) -> bool:
        """Whether a header is "true", in any case."""
        return self.headers.get(name, "").lower() == "true"

    @property
    def is_query(self) -> bool:
        """Whether the body is a query."""
        return self.says("x-ms-documentdb-isquery") or "query+json" in self.header("content-type")

    @property
    def wants_no_items(self) -> bool:
        """Whether the answer to a write is to leave the item out."""
        return self.header("prefer") == "return=minimal"

    @property
    def is_across_partitions(self) -> bool:
        """Whether the client knows that a query may look at every partition."""
        return (
            self.says("x-ms-documentdb-query-enablecrosspartition")
            or "x-ms-documentdb-partitionkeyrangeid" in self.headers
        )

    @property
    def pk(self) -> bytes | None:
        """The key of the partition that the request names; None where it names none."""
        return partition_key_in_header(self.headers.get("x-ms-documentdb-partitionkey"))

    @property
    def extent(self) -> Extent:
        """The part of the container that a query or a feed is to look at."""
        low = self.headers.get("x-ms-start-epk", LOWEST)
        high = self.headers.get("x-ms-end-epk", HIGHEST)
        return Extent(self.pk, low.upper(), high.upper())

    def items_max(self, default: int) -> int:
        """How many results the client wants in a page; the default where it leaves that open."""
        try:
            given = int(self.header("x-ms-max-item-count") or -1)
        except ValueError as error:
            raise bad_request("The x-ms-max-item-count header is no number.") from error
        return min(given, PAGE_ITEMS_MAX) if given > 0 else default

    def query(self) -> tuple[str, dict[str, Any]]:
        """The text of the query in the body, and its parameters by name.

        Raises:
            ApiError: 400, the body holds no query.
        """
        body = decode_json(self.body)
        if not isinstance(body, dict) or not isinstance(body.get("query"), str):
            raise bad_request("A query's body is an object with the text in 'query'.")
        try:
            given = {entry["name"]: entry["value"] for entry in body.get("parameters") or []}
        except (TypeError, KeyError) as error:
            raise bad_request("A query's parameters each have a 'name' and a 'value'.") from error
        return body["query"], given

    def check_method(self, *allowed: str) -> None:
        """Refuses a method that the resource does not have.

        Raises:
            ApiError: 405.
        """
        if self.method not in allowed:
            message = f"{self.method} is not allowed on this resource."
            raise ApiError(405, "MethodNotAllowed", message)

    def check_serverless(self) -> None:
        """Refuses a throughput for a new database or container, as a serverless account does.

        Raises:
            ApiError: 400.
        """
        for name in ("x-ms-offer-throughput", "x-ms-cosmos-offer-autopilot-settings"):
            if self.header(name):
                raise bad_request("Setting throughput is not supported for serverless accounts.")

    def check_write(self) -> None:
        """Refuses what would change a write's meaning and is not there, rather than pass over it.

        Raises:
            ApiError: 400.
        """
        if self.header("if-none-match"):
            raise not_supported("If-None-Match on a write; create an item to find it missing")
        for name in ("x-ms-documentdb-pre-trigger-include", "x-ms-documentdb-post-trigger-include"):
            if self.header(name):
                raise not_supported("triggers")
