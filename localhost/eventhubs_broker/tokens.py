"""Shared access signatures: who may touch which entity, until when.

Source: Azure, "Authenticate access to Event Hubs with shared access signatures": HMAC-SHA256 with
the key over the URL-encoded resource, a line feed and the expiry in seconds.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import unquote, unquote_plus, urlsplit

from shared.errors import ContractError

KEY_NAME = "RootManageSharedAccessKey"
_SCHEME = "SharedAccessSignature "


class TokenError(ContractError):
    """The token gives access to nothing."""


@dataclass(frozen=True, slots=True)
class Grant:
    """Access to an entity and all below it, until `expires_s` (seconds since 1970)."""

    path: str
    expires_s: int

    def covers(self, path: str, now_s: float) -> bool:
        """Whether the entity at `path` may be touched now."""
        is_below = not self.path or path == self.path or path.startswith(f"{self.path}/")
        return is_below and now_s < self.expires_s


def entity_path(address: str) -> str:
    """The path of an address, whether it has a scheme and a host or not, in lower case."""
    path = urlsplit(address).path if "://" in address else address
    return path.strip("/").lower()


def check_token(token: str, key: str, now_s: float) -> Grant:
    """What a token grants.

    Raises:
        TokenError: it is no shared access signature, wrongly signed, or expired.
    """
    if not token.startswith(_SCHEME):
        raise TokenError("only shared access signatures are understood here")
    fields = dict(
        part.split("=", 1) for part in token.removeprefix(_SCHEME).split("&") if "=" in part
    )
    try:
        resource, signature = fields["sr"], fields["sig"]
        expiry, name = fields["se"], fields["skn"]
    except KeyError as error:
        raise TokenError(f"the token has no field {error}") from None
    if unquote(name) != KEY_NAME or not _is_signed(resource, expiry, signature, key):
        raise TokenError("InvalidSignature: The token has an invalid signature.")
    if not expiry.isdecimal() or int(expiry) <= now_s:
        raise TokenError("ExpiredToken: The token is expired.")
    return Grant(entity_path(unquote_plus(resource)), int(expiry))


def _is_signed(resource: str, expiry: str, signature: str, key: str) -> bool:
    digest = hmac.new(key.encode(), f"{resource}\n{expiry}".encode(), hashlib.sha256).digest()
    return hmac.compare_digest(unquote(signature).encode(), base64.b64encode(digest))


def sign(resource: str, key: str, expires_s: int) -> str:
    """A token for a resource, as azure-eventhub makes them."""
    quoted = resource.replace(":", "%3A").replace("/", "%2F")
    digest = hmac.new(key.encode(), f"{quoted}\n{expires_s}".encode(), hashlib.sha256).digest()
    signature = base64.b64encode(digest).decode()
    for plain, escaped in (("+", "%2B"), ("/", "%2F"), ("=", "%3D")):
        signature = signature.replace(plain, escaped)
    return f"{_SCHEME}sr={quoted}&sig={signature}&se={expires_s}&skn={KEY_NAME}"
