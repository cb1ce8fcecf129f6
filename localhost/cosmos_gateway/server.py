"""The gateway's HTTP server on 127.0.0.1: signatures, faults, and the headers of every answer."""

import json
import logging
import sqlite3
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from .answers import Answer, ApiError, bad_request, too_large
from .authorization import MasterKey
from .documents import ITEM_BYTES_MAX
from .faults import ADMIN_PREFIX, Faults
from .requests import Request
from .routes import serve_request
from .storage import Durability
from .store import Store

HOST = "127.0.0.1"
# The key that Microsoft publishes for its own emulator: known to tools, and no secret.
EMULATOR_KEY = (
    "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw=="
)
REQUEST_BYTES_MAX = 2 * ITEM_BYTES_MAX
HEADER_BYTES_MAX = 64 * 1024
KEEP_ALIVE_SECONDS = 600.0

_log = logging.getLogger(__name__)


class Gateway:
    """A running gateway.

    Attributes:
        port: where it listens.
        endpoint: the URL for the client, with http.
        key: the account's key.
        faults: what goes wrong on demand.
    """

    def __init__(self, store: Store, key: str) -> None:
        self.key = key
        self.faults = Faults()
        self.port = 0
        self._store = store
        self._master_key = MasterKey(key)
        self._runner = web.ServerRunner(
            web.Server(
                self._serve,
                request_factory=_request_factory,
                access_log=None,
                keepalive_timeout=KEEP_ALIVE_SECONDS,
                max_line_size=HEADER_BYTES_MAX,
                max_field_size=HEADER_BYTES_MAX,
            )
        )

    @property
    def endpoint(self) -> str:
        """The URL that a client is given."""
        return f"http://{HOST}:{self.port}/"

    async def start(self, port: int) -> None:
        """Listens on a port; 0 takes a free one."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, port, backlog=1024)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Answers what was asked, then closes the port and the file."""
        await self._runner.cleanup()
        await self._store.stop()

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        activity = request.headers.get("x-ms-activity-id") or str(uuid.uuid4())
        is_lost = False
        try:
            path = request.raw_path.partition("?")[0]
            body = await _read_body(request)
            if path.startswith(ADMIN_PREFIX) and request.method == "POST":
                answer = self.faults.command(path, body)
            else:
                answer, is_lost = await self._answer(request, path, body)
        except ApiError as error:
            answer = error.answer()
        except RecursionError:
            answer = bad_request("The item is nested too deep.").answer()
        except sqlite3.Error as error:
            _log.exception("The data file failed during activity %s", activity)
            answer = ApiError(500, "InternalServerError", f"The data file: {error}").answer()
        except Exception:  # noqa: BLE001 - the client gets a 500, the log the trace
            _log.exception("Activity %s failed", activity)
            answer = ApiError(500, "InternalServerError", "The gateway failed.").answer()
        if is_lost and request.transport is not None:
            request.transport.abort()
        return self._response(answer, activity)

    async def _answer(self, request: web.BaseRequest, path: str, body: str) -> tuple[Answer, bool]:
        segments = [unquote(part) for part in path.split("/") if part]
        headers = request.headers
        self._master_key.check(
            request.method, segments, headers.get("x-ms-date", ""), headers.get("authorization", "")
        )
        if not segments:
            return Answer(200, json.dumps(self._account())), False
        is_for_items = len(segments) > 4 and segments[4] == "docs"  # noqa: PLR2004 - .../docs
        is_lost = await self.faults.strike() if is_for_items else False
        asked = Request(request.method, segments, headers, body)
        return await serve_request(self._store, asked), is_lost

    def _response(self, answer: Answer, activity: str) -> web.StreamResponse:
        lsn = self._store.lsn
        headers = {
            "x-ms-activity-id": activity,
            "x-ms-request-charge": "1",
            "x-ms-version": "2020-07-15",
            "x-ms-session-token": f"0:-1#{lsn}",
            "lsn": str(lsn),
            **answer.headers,
        }
        if answer.etag:
            headers["etag"] = answer.etag
        if not answer.body:
            return web.Response(status=answer.status, headers=headers)
        headers["content-type"] = "application/json"
        return web.Response(status=answer.status, body=answer.body.encode(), headers=headers)

    def _account(self) -> dict[str, Any]:
        here = [{"name": "local", "databaseAccountEndpoint": self.endpoint}]
        return {
            "_self": "",
            "id": "local",
            "_rid": "local",
            "media": "//media/",
            "addresses": "//addresses/",
            "_dbs": "//dbs/",
            "writableLocations": here,
            "readableLocations": here,
            "enableMultipleWriteLocations": False,
            "userReplicationPolicy": {"minReplicaSetSize": 1, "maxReplicasetSize": 1},
            "userConsistencyPolicy": {"defaultConsistencyLevel": "Session"},
            "systemReplicationPolicy": {"minReplicaSetSize": 1, "maxReplicasetSize": 1},
            "readPolicy": {"primaryReadCoefficient": 1, "secondaryReadCoefficient": 1},
            "queryEngineConfiguration": "{}",
        }


async def serve(
    path: Path | None,
    *,
    port: int = 0,
    key: str = EMULATOR_KEY,
    clock: Callable[[], float] = time.time,
    durability: Durability = "normal",
) -> Gateway:
    """Starts a gateway.

    Args:
        path: the data file; None keeps the data until the gateway stops.
        port: where to listen on 127.0.0.1; 0 takes a free port.
        key: the account's key, in base64.
        clock: seconds since 1970, for times to live and _ts.
        durability: "normal" survives the process being killed, "full" also a loss of power.

    Raises:
        UnusableFileError: the file is corrupt, not a gateway's, or of a newer version.
        OSError: the port is taken.
    """
    store = Store(path, durability=durability, clock=clock)
    gateway = Gateway(store, key)
    try:
        await gateway.start(port)
    except OSError:
        await gateway.stop()
        raise
    return gateway


def _request_factory(*arguments: Any) -> web.BaseRequest:
    message, payload, protocol, writer, task = arguments
    return web.BaseRequest(
        message,
        payload,
        protocol,
        writer,
        task,
        protocol._loop,  # noqa: SLF001 - aiohttp's own factory reads it so
        client_max_size=REQUEST_BYTES_MAX,
    )


async def _read_body(request: web.BaseRequest) -> str:
    if not request.body_exists:
        return ""
    try:
        return (await request.read()).decode()
    except web.HTTPRequestEntityTooLarge as error:
        raise too_large("The request") from error
    except UnicodeDecodeError as error:
        raise bad_request("The request's body is not UTF-8.") from error
    except HttpProcessingError as error:
        raise bad_request("The request's body is malformed.") from error
