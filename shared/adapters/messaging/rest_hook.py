"""The channel of webhooks: notifications posted to a subscriber's endpoint."""

import hashlib
import hmac
import json
from http import HTTPStatus

from aiohttp import ClientError, ClientSession, ClientTimeout, InvalidURL, TCPConnector

from shared.adapters.messaging.guarded_resolver import GuardedResolver
from shared.contracts.endpoints import endpoint_fault
from shared.errors import TransientError
from shared.ports.channels import Dispatch

TIMEOUT = ClientTimeout(total=15, connect=5)
WORTH_ANOTHER_TRY = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
SIGNATURE_HEADER = "X-Careloom-Signature"


class RestHookChannel:
    """A Channel that posts each payload as FHIR JSON.

    An address that a subscriber gave is called only where it leads out into the public network;
    the fallback is ours and may be anywhere.

    Args:
        fallback: where to post what is not addressed to an endpoint itself; empty for nowhere.
        secret: signs every body with HMAC-SHA256, so that the receiver knows it is ours.
        allows_local: whether subscribers may name this machine, as on a developer's.
    """

    def __init__(self, *, fallback: str = "", secret: str = "", allows_local: bool = False) -> None:
        self._fallback = fallback
        self._secret = secret.encode()
        self._allows_local = allows_local
        self._sessions: dict[bool, ClientSession] = {}

    async def send(self, dispatch: Dispatch) -> bool:
        """Post a payload; False where there is no endpoint or it refuses for good."""
        is_given = dispatch.address.startswith(("https://", "http://"))
        url = dispatch.address if is_given else self._fallback
        if not url or (is_given and endpoint_fault(url, allows_local=self._allows_local)):
            return False
        body = json.dumps(dispatch.payload, separators=(",", ":")).encode()
        try:
            # A redirect could carry health data to a place that nobody vetted.
            request = self._session(guarded=is_given).post(
                url, data=body, headers=self._headers(dispatch, body), allow_redirects=False
            )
            async with request as answer:
                status = answer.status
        except InvalidURL:
            return False
        except (ClientError, TimeoutError, ValueError) as error:
            raise TransientError(f"no endpoint took {dispatch.message_id}") from error
        if status in WORTH_ANOTHER_TRY or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise TransientError(f"the endpoint answered {status} to {dispatch.message_id}")
        return status < HTTPStatus.MULTIPLE_CHOICES

    async def close(self) -> None:
        """Close the connections."""
        while self._sessions:
            _, session = self._sessions.popitem()
            await session.close()

    def _headers(self, dispatch: Dispatch, body: bytes) -> dict[str, str]:
        headers = {"Content-Type": "application/fhir+json", **dispatch.headers}
        headers["Idempotency-Key"] = f"{dispatch.case_id}.{dispatch.message_id}"
        if self._secret:
            signature = hmac.new(self._secret, body, hashlib.sha256).hexdigest()
            headers[SIGNATURE_HEADER] = f"sha256={signature}"
        return headers

    def _session(self, *, guarded: bool) -> ClientSession:
        if guarded not in self._sessions:
            resolver = GuardedResolver(allows_local=self._allows_local) if guarded else None
            connector = TCPConnector(resolver=resolver)
            self._sessions[guarded] = ClientSession(timeout=TIMEOUT, connector=connector)
        return self._sessions[guarded]
