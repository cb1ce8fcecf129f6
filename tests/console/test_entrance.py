import pytest

from console.entrance import problem_page, safe_return
from console.rendering import Viewer


@pytest.mark.parametrize("path", ["/console", "/console/tasks/pa-1.review1", "/console?view=mine"])
def test_one_goes_back_to_where_one_was(path: str) -> None:
    assert safe_return(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "//evil.example",
        "https://evil.example/console",
        "/consoles",
        "/console/\\evil\r\nX: y",
    ],
)
def test_nobody_is_sent_to_another_site(path: str) -> None:
    assert safe_return(path) == "/console"


def test_a_problem_is_told_to_whoever_is_not_signed_in() -> None:
    page = problem_page(None, title="You may not do that", detail="<nobody> is signed in.")
    assert "Signed in as" not in page
    assert "&lt;nobody&gt; is signed in." in page


def test_only_in_development_one_may_switch(viewer: Viewer) -> None:
    assert "/console/sign-in" in problem_page(viewer, title="")
    on_azure = Viewer(user_id="dr-chen")
    assert "/console/sign-in" not in problem_page(on_azure, title="")
