"""Who stands at an HTTP door."""

import azure.functions as func

from shared.bootstrap import ports
from shared.contracts.identity import User, read_principal
from shared.errors import ComplianceError

DEVELOPMENT_HEADER = "x-careloom-user"
DEVELOPMENT_COOKIE = "careloom_user"


def user_of(req: func.HttpRequest) -> User:
    """The user of a request.

    On Azure that is whom App Service authentication signed in. On a developer's machine the
    request names him itself, by header or cookie; the settings refuse that on Azure.

    Raises:
        ComplianceError: nobody is signed in.
    """
    user = read_principal(req.headers)
    if user is not None:
        return user
    fallback = ports().settings.development_user
    if not fallback:
        raise ComplianceError("nobody is signed in")
    return User(req.headers.get(DEVELOPMENT_HEADER) or _cookie(req) or fallback)


def _cookie(req: func.HttpRequest) -> str:
    cookies: str = req.headers.get("cookie", "")
    for part in cookies.split(";"):
        name, _, value = part.strip().partition("=")
        if name == DEVELOPMENT_COOKIE:
            return value
    return ""
