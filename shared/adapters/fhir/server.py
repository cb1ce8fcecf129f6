"""A FHIR R4 server, as far as directories search it."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout

from shared.errors import PermanentError, TransientError

TIMEOUT = ClientTimeout(total=10, connect=5)
PAGES_MAX = 20
WORTH_ANOTHER_TRY = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})

type Resource = Mapping[str, Any]


class FhirServer:
    """A server that is searched, with a bearer token where it wants one.

    The connections belong to the event loop in which they are first used.
    """

    def __init__(self, url: str, *, token: str = "", timeout: ClientTimeout = TIMEOUT) -> None:
        self._url = url.rstrip("/")
        self._token = token
        self._timeout = timeout
        self._session: ClientSession | None = None

    async def search(self, kind: str, wanted: Mapping[str, str]) -> list[Resource]:
        """Every resource of a kind that a search finds, page by page.

        Raises:
            TransientError: the server is out of reach or asks for patience.
            PermanentError: it refuses the search, pages without end, or answers no bundle.
        """
        found: list[Resource] = []
        url, parameters = f"{self._url}/{kind}", dict(wanted)
        for _ in range(PAGES_MAX):
            bundle = await self._get(kind, url, parameters)
            entries = bundle.get("entry") or []
            resources = (entry.get("resource") or {} for entry in entries)
            found += [each for each in resources if each.get("resourceType") == kind]
            following = _next_page(bundle)
            if not following:
                return found
            if urlsplit(following)[:2] != urlsplit(self._url)[:2]:
                raise PermanentError(f"the FHIR server pages {kind} to another host")
            url, parameters = following, {}
        raise PermanentError(f"the FHIR server gave over {PAGES_MAX} pages of {kind}")

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _get(self, kind: str, url: str, parameters: Mapping[str, str]) -> Resource:
        session = self._opened()
        try:
            async with session.get(url, params=parameters or None, allow_redirects=False) as answer:
                status = answer.status
                body = await answer.json(content_type=None) if status == HTTPStatus.OK else None
        except (ClientError, TimeoutError) as error:
            # The cause's text would quote the search, which names a member.
            kind_of_error = type(error).__name__
            raise TransientError(f"no answer to a search for {kind}: {kind_of_error}") from None
        except ValueError:
            raise PermanentError(f"the search for {kind} was not answered in JSON") from None
        if status in WORTH_ANOTHER_TRY or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise TransientError(f"the FHIR server answered {status} to a search for {kind}")
        if not isinstance(body, dict) or body.get("resourceType") != "Bundle":
            raise PermanentError(f"the FHIR server answered {status} to a search for {kind}")
        return body

    def _opened(self) -> ClientSession:
        if self._session is None:
            headers = {"Accept": "application/fhir+json"}
            if self._token:
                headers["Authorization"] = f"Bearer {self._token}"
            self._session = ClientSession(timeout=self._timeout, headers=headers)
        return self._session


def _next_page(bundle: Resource) -> str:
    links = bundle.get("link") or []
    return next((link.get("url", "") for link in links if link.get("relation") == "next"), "")
