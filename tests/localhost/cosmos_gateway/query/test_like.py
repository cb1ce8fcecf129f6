import pytest

from localhost.cosmos_gateway.query.like import like_matches


@pytest.mark.parametrize(
    ("text", "pattern", "expected"),
    [
        ("abc", "abc", True),
        ("abc", "a%", True),
        ("abc", "%c", True),
        ("abc", "%b%", True),
        ("abc", "a_c", True),
        ("abc", "a_", False),
        ("abc", "%", True),
        ("", "%", True),
        ("", "_", False),
        ("a%c", "a!%c", True),
        ("abc", "a!%c", False),
        ("abc", "a[a-c]c", True),
        ("abc", "a[^a-c]c", False),
        ("a.c", "a.c", True),
        ("abc", "a.c", False),
        ("a\nc", "a_c", True),
        ("aXbXc", "a%b%c", True),
        ("ab", "ab%ab", False),
        ("a[b", "a[b", True),
    ],
)
def test_like_follows_its_pattern(text: str, pattern: str, expected: bool) -> None:  # noqa: FBT001
    assert like_matches(text, pattern, "!") is expected


def test_like_takes_no_exponential_time() -> None:
    assert not like_matches("a" * 5000, "%a" * 200 + "%b")
