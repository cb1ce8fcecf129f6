"""The master-key signature that every request carries."""

import base64
import hmac
from urllib.parse import unquote

from .answers import ApiError


class MasterKey:
    """Checks the signatures that clients make with the account's key.

    Source:
        "Access control on Azure Cosmos DB resources", Construct the hashed token signature.
    """

    def __init__(self, key: str) -> None:
        self._secret = base64.b64decode(key)

    def check(self, method: str, segments: list[str], date: str, authorization: str) -> None:
        """Refuses a request that was not signed with this key.

        Args:
            method: the HTTP method.
            segments: the decoded parts of the path.
            date: the x-ms-date header.
            authorization: the header as sent, percent-encoded.

        Raises:
            ApiError: 401, the signature is missing or wrong.
        """
        if segments[4:5] == ["operations"]:
            segments = segments[:4]  # An operation is signed as its container.
        if len(segments) % 2:
            kind, link = segments[-1], "/".join(segments[:-1])
        else:
            kind, link = (segments[-2] if segments else ""), "/".join(segments)
        if self._matches(method, kind, link, date, authorization):
            return
        raise ApiError(
            401,
            "Unauthorized",
            "The input authorization token can't serve the request. Please check that the "
            "expected payload is built as per the protocol, and check the key being used.",
        )

    def _matches(self, method: str, kind: str, link: str, date: str, authorization: str) -> bool:
        text = f"{method.lower()}\n{kind.lower()}\n{link}\n{date.lower()}\n\n"
        expected = base64.b64encode(hmac.digest(self._secret, text.encode(), "sha256"))
        signature = unquote(authorization).partition("&sig=")[2]
        return hmac.compare_digest(signature.encode(), expected)
