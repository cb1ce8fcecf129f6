import pytest

from localhost.cosmos_gateway import strict_json


@pytest.mark.parametrize(
    "text", ["NaN", "[Infinity]", "1e400", "-1e400", "1" + "0" * 400, "1" * 5000, "{", "", "'a'"]
)
def test_what_cosmos_db_could_not_store_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"JSON|doubles|Expecting"):
        strict_json.decode(text)


def test_values_are_read_as_they_stand() -> None:
    assert strict_json.decode('{"a": [1, 1.5, -0.0, 1e308, null, true, "\\u00e9"]}') == {
        "a": [1, 1.5, 0.0, 1e308, None, True, "é"]
    }
