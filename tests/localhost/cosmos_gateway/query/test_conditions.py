import pytest

from localhost.cosmos_gateway.query import QueryError, matches


def test_a_condition_is_asked_of_one_document() -> None:
    assert matches("from c where c.n = 1 AND IS_DEFINED(c.tags)", {"n": 1, "tags": []})
    assert not matches("FROM item WHERE item.n > 1", {"n": 1})
    assert not matches("from c where c.missing = 1", {"n": 1})


def test_a_condition_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(QueryError):
        matches("where the sun shines", {})
