"""The entrance: the development sign-in, and the page that says why one was not let in."""

from collections.abc import Sequence

from console.rendering import Viewer, render
from shared.domain.prior_authorization.reviewers import Reviewer

HOME = "/console"


def sign_in_page(viewer: Viewer, reviewers: Sequence[Reviewer], *, back_to: str) -> str:
    """The choice of who to be, for development."""
    return render("sign_in.html", viewer, reviewers=reviewers, back_to=safe_return(back_to))


def problem_page(viewer: Viewer | None, *, title: str, detail: str = "") -> str:
    """A page that could not be shown, and why."""
    return render("problem.html", viewer, title=title, detail=detail)


def safe_return(path: str) -> str:
    """Where to go back to: a page of the console, never another site."""
    is_ours = path == HOME or path.startswith((f"{HOME}/", f"{HOME}?"))
    return path if is_ours and "\\" not in path and path.isprintable() else HOME
