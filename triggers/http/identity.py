"""Who stands at an HTTP door."""

import azure.functions as func

from shared.bootstrap import ports
from shared.contracts.identity import User, read_principal
from shared.errors import ComplianceError

DEVELOPMENT_HEADER = "x-careloom-user"
DEVELOPMENT_COOKIE = "careloom_user"


def user_of(req: func.HttpRequest) -> User:
    """The user of a request.

    On Azure that is whom App Service authentication signed in; where it is switched off, its
    headers could be anybody's, and nobody is signed in. On a developer's machine the request
    names him itself, by header or cookie; the settings refuse that on Azure.

    Raises:
        ComplianceError: nobody is signed in.
    """
    settings = ports().settings
    if settings.is_development:
        named = req.headers.get(DEVELOPMENT_HEADER) or _cookie(req)
        return User(named or settings.development_user)
    user = read_principal(req.headers) if settings.platform_signs_in else None
    if user is None:
        raise ComplianceError("nobody is signed in")
    return user


def _cookie(req: func.HttpRequest) -> str:
    cookies: str = req.headers.get("cookie", "")
    for part in cookies.split(";"):
        name, _, value = part.strip().partition("=")
        if name == DEVELOPMENT_COOKIE:
            return value
    return ""
