"""Who stands at an HTTP door."""

import azure.functions as func
from shared.settings import settings

from shared.contracts.identity import User, read_principal
from shared.errors import ComplianceError

DEVELOPMENT_HEADER = "x-careloom-user"
DEVELOPMENT_COOKIE = "careloom_user"


def user_of(req: func.HttpRequest) -> User:
    """The user of a request.

    On Azure that is whom App Service authentication signed in. On a developer's machine the
    request names him itself, by header or cookie; settings() refuses that on Azure.

    Raises:
        ComplianceError: nobody is signed in.
    """
    user = read_principal(req.headers)
    if user is not None:
        return user
    if not settings().development_identity:
        raise ComplianceError("nobody is signed in")
    named = req.headers.get(DEVELOPMENT_HEADER) or _cookie(req) or settings().development_user
    return User(named)


def _cookie(req: func.HttpRequest) -> str:
    for part in req.headers.get("cookie", "").split(";"):
        name, _, value = part.strip().partition("=")
        if name == DEVELOPMENT_COOKIE:
            return value
    return ""
