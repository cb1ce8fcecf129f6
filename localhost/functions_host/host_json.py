"""host.json: what of it the local host reads, with Azure's own defaults.

Source: https://learn.microsoft.com/azure/azure-functions/functions-host-json and the reference of
each extension.
"""

from __future__ import annotations

import json
import logging
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from localhost.functions_host.startup import StartupError
from localhost.taskhub.versions import VersionFailure, VersionMatch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PER_CORE = 10
"""Azure's default concurrency of activities and of orchestrators, per processor."""

_LOG_LEVELS = {
    "trace": logging.DEBUG,
    "debug": logging.DEBUG,
    "information": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
    "none": logging.CRITICAL + 1,
}
_TIME_SPAN = re.compile(r"^(?:(\d+)\.)?(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,7}))?$")
_SETTING = re.compile(r"%([^%]+)%")


@dataclass(frozen=True)
class HostJson:
    """The host's configuration.

    Attributes:
        route_prefix: without slashes; empty for none.
        requests_concurrent_max: HTTP invocations that run at once; the others wait.
        requests_outstanding_max: HTTP requests that run or wait; more are answered 429.
        hub_name: the name of the task hub.
        default_version: the version of instances that are started without one; may be empty.
        timeout_seconds: how long an invocation may take; None for no limit.
        event_batch_size_max: events in one invocation of a function of cardinality many.
        event_checkpoint_every: batches between two checkpoints.
        event_prefetch_count: events that a consumer fetches ahead.
        log_level: of Python's logging; the default of all categories.
    """

    route_prefix: str
    requests_concurrent_max: int
    requests_outstanding_max: int
    hub_name: str
    default_version: str
    version_match: VersionMatch
    version_failure: VersionFailure
    activities_max: int
    orchestrators_max: int
    entities_max: int
    timeout_seconds: float | None
    event_batch_size_max: int
    event_checkpoint_every: int
    event_prefetch_count: int
    log_level: int


def read_host_json(file: Path, settings: Mapping[str, str]) -> HostJson:
    """Read host.json; `%NAME%` in a hub name is replaced by the setting of that name.

    Raises:
        StartupError: if the file is missing, is not JSON, or holds an impossible value.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        msg = f"{file} is missing: a function app needs a host.json"
        raise StartupError(msg) from None
    except ValueError as error:
        msg = f"{file} is not JSON: {error}"
        raise StartupError(msg) from error
    try:
        return _understand(content, settings)
    except (AttributeError, TypeError, ValueError) as error:
        msg = f"{file} cannot be used: {error}"
        raise StartupError(msg) from error


def resolve(text: str, settings: Mapping[str, str]) -> str:
    """Replace every `%NAME%` by the setting of that name.

    Raises:
        ValueError: if there is no such setting.
    """

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in settings:
            msg = f"'%{name}%' names a setting that does not exist"
            raise ValueError(msg)
        return settings[name]

    return _SETTING.sub(value, text)


def seconds_of(time_span: str) -> float:
    """The seconds in a .NET TimeSpan such as `00:05:00` or `1.00:00:00`.

    Raises:
        ValueError: if the text is none.
    """
    match = _TIME_SPAN.match(time_span.strip())
    if match is None:
        msg = f"'{time_span}' is not a time span of the form [d.]hh:mm:ss[.fffffff]"
        raise ValueError(msg)
    days, hours, minutes, seconds, fraction = match.groups()
    whole = int(days or 0) * 86400 + int(hours) * 3600 + int(minutes) * 60 + int(seconds)
    return whole + (float(f"0.{fraction}") if fraction else 0.0)


def _understand(content: dict[str, Any], settings: Mapping[str, str]) -> HostJson:
    extensions = content.get("extensions", {})
    http = extensions.get("http", {})
    durable = extensions.get("durableTask", {})
    events = extensions.get("eventHubs", {})
    timeout = content.get("functionTimeout")
    at_once = PER_CORE * (os.cpu_count() or 1)
    return HostJson(
        route_prefix=str(http.get("routePrefix", "api")).strip("/"),
        requests_concurrent_max=_limit(http, "maxConcurrentRequests"),
        requests_outstanding_max=_limit(http, "maxOutstandingRequests"),
        hub_name=resolve(str(durable.get("hubName", "TestHubName")), settings),
        default_version=str(durable.get("defaultVersion") or ""),
        version_match=VersionMatch(durable.get("versionMatchStrategy", "CurrentOrOlder")),
        version_failure=VersionFailure(durable.get("versionFailureStrategy", "Reject")),
        activities_max=int(durable.get("maxConcurrentActivityFunctions", at_once)),
        orchestrators_max=int(durable.get("maxConcurrentOrchestratorFunctions", at_once)),
        entities_max=int(durable.get("maxConcurrentEntityFunctions", at_once)),
        timeout_seconds=None if timeout in (None, "-1") else seconds_of(str(timeout)),
        event_batch_size_max=int(events.get("maxEventBatchSize", 100)),
        event_checkpoint_every=int(events.get("batchCheckpointFrequency", 1)),
        event_prefetch_count=int(events.get("prefetchCount", 300)),
        log_level=_log_level(content.get("logging", {}).get("logLevel", {})),
    )


def _log_level(levels: dict[str, Any]) -> int:
    name = str(levels.get("default", "Information"))
    if name.lower() not in _LOG_LEVELS:
        msg = f"'{name}' is no log level"
        raise ValueError(msg)
    return _LOG_LEVELS[name.lower()]


def _limit(section: dict[str, Any], name: str) -> int:
    """A limit of host.json, where -1 and absence mean none."""
    limit = int(section.get(name, -1))
    return limit if limit >= 0 else 1 << 31
