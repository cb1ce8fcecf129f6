"""A person's visit to the console: who he is, whether his form is ours, and how he is answered."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

import azure.functions as func

from console.entrance import problem_page
from console.form_tokens import COOKIE, FIELD, check_sender, new_secret, token_for
from console.forms import Form, read_form, value_of
from console.rendering import Viewer
from shared.bootstrap import ports
from shared.errors import CareloomError
from triggers.http.answers import STATUSES
from triggers.http.identity import cookie_of, user_of

HTML = "text/html"
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
OURS = (500, "Something is wrong on our side")

type Door = Callable[..., Awaitable[func.HttpResponse]]


@dataclass(frozen=True, slots=True)
class Visit:
    """A request by a person.

    Attributes:
        secret: what his browser keeps for its forms; is_first: it keeps none yet.
    """

    req: func.HttpRequest
    viewer: Viewer
    secret: str
    is_first: bool

    def form(self) -> Form:
        """The form that he sent.

        Raises:
            ContractError: it is unreadable.
            ComplianceError: another site sent it.
        """
        form = read_form(self.req.get_body())
        check_sender(
            self.req.headers,
            url=self.req.url,
            user_id=self.viewer.user_id,
            secret="" if self.is_first else self.secret,
            token=value_of(form, FIELD),
        )
        return form

    def page(self, html: str, *, status: int = 200) -> func.HttpResponse:
        """A page, with the secret for its forms where the browser has none."""
        headers = dict(HEADERS)
        if self.is_first:
            headers["Set-Cookie"] = cookie(COOKIE, self.secret, self.req.url, path="/console")
        return func.HttpResponse(html, status_code=status, mimetype=HTML, headers=headers)


async def visit_of(req: func.HttpRequest) -> Visit:
    """The visit that a request is.

    Raises:
        ComplianceError: nobody is signed in.
    """
    user = user_of(req)
    reviewer = await ports().reviewers.find_reviewer(user.user_id)
    kept = cookie_of(req, COOKIE)
    secret = kept or new_secret()
    viewer = Viewer(
        user_id=user.user_id,
        level=reviewer.level if reviewer else "",
        queues=reviewer.specialties if reviewer else (),
        token=token_for(user.user_id, secret),
        may_switch=bool(ports().settings.development_user),
    )
    return Visit(req, viewer, secret, is_first=not kept)


def page_door(door: Door) -> Door:
    """A door that answers every deliberate error with a page."""

    @wraps(door)
    async def guarded(*args: Any, **named: Any) -> func.HttpResponse:
        try:
            return await door(*args, **named)
        except CareloomError as error:
            status, title = status_of(error)
            detail = str(error)
            html = problem_page(None, title=title, detail=f"{detail[:1].upper()}{detail[1:]}.")
            return func.HttpResponse(html, status_code=status, mimetype=HTML, headers=HEADERS)

    return guarded


def status_of(error: CareloomError) -> tuple[int, str]:
    """The status and title of a refusal, as every other door answers it."""
    rows = ((status, title) for kind, status, _, title in STATUSES if isinstance(error, kind))
    return next(rows, OURS)


def go_to(path: str, **headers: str) -> func.HttpResponse:
    """Answer a form that was taken: the browser goes on to a page.

    Source: RFC 9110, 303 See Other; reloading that page sends nothing twice.
    """
    return func.HttpResponse(status_code=303, headers={**HEADERS, "Location": path, **headers})


def cookie(name: str, value: str, url: str, *, path: str = "/") -> str:
    """A cookie that no script reads and no other site sends."""
    secure = "; Secure" if url.startswith("https:") else ""
    return f"{name}={value}; Path={path}; HttpOnly; SameSite=Strict{secure}"
