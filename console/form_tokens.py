"""Proof that a form was sent by a page of ours, for the person who is signed in.

The browser keeps a secret in a cookie that no other site can read or send, and each form carries
the secret's seal over the user's id; a site that sends a form of its own has neither. It needs no
key that the instances of the app would have to share.
"""

import hmac
import secrets
from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import urlsplit

from shared.errors import ComplianceError

COOKIE = "careloom_form"
FIELD = "token"
SECRET_BYTES = 24
SAME_ORIGIN = "same-origin"


def new_secret() -> str:
    """A secret for a browser that has none yet."""
    return secrets.token_urlsafe(SECRET_BYTES)


def token_for(user_id: str, secret: str) -> str:
    """What the forms of a user carry."""
    return hmac.new(secret.encode(), user_id.encode(), sha256).hexdigest()


def check_sender(
    headers: Mapping[str, str], *, url: str, user_id: str, secret: str, token: str
) -> None:
    """Let a form pass that our page sent.

    Args:
        headers: of the request, by names in lower case or without regard to it.
        url: of the request; secret: of the cookie; token: of the form.

    Raises:
        ComplianceError: another site sent it, or nobody knows who.
    Source:
        OWASP Cross-Site Request Forgery Prevention: Fetch Metadata, Origin, and a token bound to
        the session; W3C Fetch Metadata, Sec-Fetch-Site.
    """
    site = headers.get("sec-fetch-site", "")
    origin = headers.get("origin", "")
    if site and site != SAME_ORIGIN:
        raise ComplianceError("the form was sent by another site")
    hosts = {urlsplit(url).netloc, headers.get("host", "")}
    if not site and origin and urlsplit(origin).netloc not in hosts:
        raise ComplianceError("the form was sent by another site")
    if not secret or not hmac.compare_digest(token.encode(), token_for(user_id, secret).encode()):
        raise ComplianceError("the form is no longer valid: open the page again and send it anew")
