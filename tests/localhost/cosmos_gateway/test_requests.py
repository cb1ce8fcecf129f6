import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from localhost.cosmos_gateway.answers import ApiError
from localhost.cosmos_gateway.extents import Extent
from localhost.cosmos_gateway.requests import PAGE_ITEMS_MAX, Request


def request(body: str = "", **headers: str) -> Request:
    named = CIMultiDict({name.replace("_", "-"): value for name, value in headers.items()})
    return Request("POST", [], CIMultiDictProxy(named), body)


def test_headers_are_read_in_any_case() -> None:
    assert request(X_MS_DOCUMENTDB_ISQUERY="True").is_query
    assert request(Content_Type="application/query+json").is_query
    assert not request().is_query


def test_an_extent_is_the_partition_or_the_span_that_the_headers_name() -> None:
    assert request().extent == Extent()
    assert request(x_ms_documentdb_partitionkey='["a"]').extent == Extent(pk=b"\x05a")
    span = request(x_ms_start_epk="0a", x_ms_end_epk="0b").extent
    assert (span.low, span.high) == ("0A", "0B")


@pytest.mark.parametrize(
    ("text", "expected"), [("", 100), ("-1", 100), ("0", 100), ("7", 7), ("9" * 30, PAGE_ITEMS_MAX)]
)
def test_a_page_has_as_many_items_as_is_asked_within_bounds(text: str, expected: int) -> None:
    assert request(x_ms_max_item_count=text).items_max(100) == expected


def test_a_query_has_a_text_and_parameters_by_name() -> None:
    body = '{"query": "SELECT 1", "parameters": [{"name": "@a", "value": 1}]}'
    assert request(body).query() == ("SELECT 1", {"@a": 1})
    for malformed in ("[]", '{"query": 1}', '{"query": "x", "parameters": [{"name": "@a"}]}'):
        with pytest.raises(ApiError):
            request(malformed).query()


def test_another_method_is_refused() -> None:
    request().check_method("GET", "POST")
    with pytest.raises(ApiError) as refused:
        request().check_method("GET")
    assert refused.value.status == 405
