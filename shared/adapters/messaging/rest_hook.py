"""The channel of webhooks: notifications posted to a subscriber's endpoint."""

import hashlib
import hmac
import json
from http import HTTPStatus

from aiohttp import ClientError, ClientSession, ClientTimeout

from shared.errors import TransientError
from shared.ports.channels import Dispatch

TIMEOUT = ClientTimeout(total=15, connect=5)
WORTH_ANOTHER_TRY = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
SIGNATURE_HEADER = "X-Careloom-Signature"


class RestHookChannel:
    """A Channel that posts each payload as FHIR JSON.

    Args:
        fallback: where to post what is not addressed to an endpoint itself; empty for nowhere.
        secret: signs every body with HMAC-SHA256, so that the receiver knows it is ours.
    """

    def __init__(self, *, fallback: str = "", secret: str = "") -> None:
        self._fallback = fallback
        self._secret = secret.encode()
        self._session: ClientSession | None = None

    async def send(self, dispatch: Dispatch) -> bool:
        """Post a payload; False where there is no endpoint or it refuses for good."""
        is_endpoint = dispatch.address.startswith(("https://", "http://"))
        url = dispatch.address if is_endpoint else self._fallback
        if not url:
            return False
        body = json.dumps(dispatch.payload, separators=(",", ":")).encode()
        try:
            # A redirect could carry health data to a place that nobody vetted.
            request = self._opened().post(
                url, data=body, headers=self._headers(dispatch, body), allow_redirects=False
            )
            async with request as answer:
                status = answer.status
        except (ClientError, TimeoutError) as error:
            raise TransientError(f"no endpoint took {dispatch.message_id}") from error
        if status in WORTH_ANOTHER_TRY or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise TransientError(f"the endpoint answered {status} to {dispatch.message_id}")
        return status < HTTPStatus.MULTIPLE_CHOICES

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _headers(self, dispatch: Dispatch, body: bytes) -> dict[str, str]:
        headers = {
            "Content-Type": "application/fhir+json",
            "Idempotency-Key": f"{dispatch.case_id}.{dispatch.message_id}",
        }
        if self._secret:
            signature = hmac.new(self._secret, body, hashlib.sha256).hexdigest()
            headers[SIGNATURE_HEADER] = f"sha256={signature}"
        return headers

    def _opened(self) -> ClientSession:
        if self._session is None:
            self._session = ClientSession(timeout=TIMEOUT)
        return self._session
