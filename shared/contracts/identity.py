"""Who is at the door, as App Service authentication says it."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass

from shared.errors import ContractError

PRINCIPAL_HEADER = "x-ms-client-principal"
NAME_HEADER = "x-ms-client-principal-name"


@dataclass(frozen=True, slots=True)
class User:
    """A signed-in person or system.

    Attributes:
        user_id: as the identity provider names him.
    """

    user_id: str


def read_principal(headers: Mapping[str, str]) -> User | None:
    """The user whom App Service authentication signed in; None where nobody is.

    Raises:
        ContractError: the header is there and unreadable.
    Source:
        App Service, "Access user claims in app code": X-MS-CLIENT-PRINCIPAL is base64 JSON.
    """
    encoded = headers.get(PRINCIPAL_HEADER)
    if not encoded:
        return None
    name = headers.get(NAME_HEADER)
    if name:
        return User(name)
    try:
        principal = json.loads(base64.b64decode(encoded))
        claims = {claim["typ"]: claim["val"] for claim in principal["claims"]}
    except (ValueError, KeyError, TypeError) as error:
        raise ContractError("the client principal is unreadable") from error
    user_id = claims.get("preferred_username") or claims.get("name")
    if not user_id:
        raise ContractError("the client principal names nobody")
    return User(user_id)
