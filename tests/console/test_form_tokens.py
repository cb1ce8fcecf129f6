import pytest

from console.form_tokens import check_sender, new_secret, token_for
from shared.errors import ComplianceError

URL = "http://127.0.0.1:7071/console/sign-in"
SECRET = "s" * 32
HOST = {"host": "127.0.0.1:7071"}


def _check(
    headers: dict[str, str], *, secret: str = SECRET, token: str = token_for("dr-chen", SECRET)
) -> None:
    check_sender(HOST | headers, url=URL, user_id="dr-chen", secret=secret, token=token)


@pytest.mark.parametrize(
    "headers",
    [{}, {"sec-fetch-site": "same-origin"}, {"origin": "http://127.0.0.1:7071"}],
    ids=["old browser", "metadata", "origin"],
)
def test_a_form_of_ours_passes(headers: dict[str, str]) -> None:
    _check(headers)


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "cross-site", "origin": "http://127.0.0.1:7071"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ],
)
def test_a_form_of_another_site_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(ComplianceError, match="another site"):
        _check(headers)


@pytest.mark.parametrize(
    ("secret", "token"),
    [
        (SECRET, ""),
        (SECRET, token_for("nurse-rivera", SECRET)),
        (SECRET, "é"),
        ("", token_for("dr-chen", "")),
        (new_secret(), token_for("dr-chen", SECRET)),
    ],
    ids=["none", "another user's", "not ascii", "no cookie", "another browser's"],
)
def test_a_form_without_the_users_token_is_refused(secret: str, token: str) -> None:
    with pytest.raises(ComplianceError, match="no longer valid"):
        _check({"sec-fetch-site": "same-origin"}, secret=secret, token=token)
