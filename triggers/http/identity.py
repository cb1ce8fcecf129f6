"""Who stands at an HTTP door."""

import azure.functions as func

from shared.bootstrap import ports
from shared.contracts.identity import User, read_principal
from shared.errors import ComplianceError

DEVELOPMENT_HEADER = "x-careloom-user"
DEVELOPMENT_COOKIE = "careloom_user"
NAME_CHARACTERS_MAX = 100


def user_of(req: func.HttpRequest) -> User:
    """The user of a request.

    On Azure that is whom App Service authentication signed in; where it is switched off, its
    headers could be anybody's, and nobody is signed in. On a developer's machine the request
    names him itself, by header or cookie; the settings refuse that on Azure.

    Raises:
        ComplianceError: nobody is signed in, or nobody can go by the name.
    """
    settings = ports().settings
    user = signed_in(req)
    if user is None and settings.is_development:
        return User(settings.development_user)
    if user is None:
        raise ComplianceError("nobody is signed in")
    return user


def signed_in(req: func.HttpRequest) -> User | None:
    """The user of a request that may come without one, as systems send them.

    Raises:
        ComplianceError: nobody can go by the name.
    """
    settings = ports().settings
    if settings.is_development:
        named = req.headers.get(DEVELOPMENT_HEADER) or cookie_of(req, DEVELOPMENT_COOKIE)
        if len(named) > NAME_CHARACTERS_MAX or not named.isprintable():
            raise ComplianceError("nobody goes by that name")
        return User(named) if named else None
    return read_principal(req.headers) if settings.platform_signs_in else None


def cookie_of(req: func.HttpRequest, name: str) -> str:
    """The value of a cookie, whatever other programs of this host have set beside it; else empty.

    Source: RFC 6265, 4.1.1: a value is of US-ASCII.
    """
    cookies: str = req.headers.get("cookie", "")
    pairs = (part.strip().partition("=") for part in cookies.split(";"))
    return next((value for found, _, value in pairs if found == name and value.isascii()), "")
