"""The application's settings: the environment over local.settings.json over the host's defaults.

A fresh clone has no local.settings.json, which may hold secrets; its example serves until it has,
save for the connections, which there name the emulators of whoever runs Core Tools.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from localhost.functions_host.startup import StartupError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

DEFAULTS = {
    "FUNCTIONS_WORKER_RUNTIME": "python",
    "FUNCTIONS_WORKER_PROCESS_COUNT": "1",
    "AZURE_FUNCTIONS_ENVIRONMENT": "Development",
    "AzureWebJobsStorage": "UseDevelopmentStorage=true",
    "TASKHUB_NAME": "careloom",
    "WEBSITE_HOSTNAME": "localhost",
}

COSMOS = "COSMOS_CONNECTION"
EVENT_HUBS = "EventHubConnection"


def read_settings(app_folder: Path, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """All settings of the application, before the host adds its own endpoints.

    Raises:
        StartupError: if local.settings.json is there but is not what Core Tools accept.
    """
    file = app_folder / "local.settings.json"
    is_example = not file.exists()
    if is_example:
        file = app_folder / "local.settings.example.json"
    values: dict[str, str] = {}
    if file.exists():
        try:
            content = json.loads(file.read_text(encoding="utf-8-sig"))
            values = {str(name): str(value) for name, value in content["Values"].items()}
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            msg = f"{file} cannot be used: it needs an object 'Values' of texts ({error!r})"
            raise StartupError(msg) from error
        if content.get("IsEncrypted"):
            msg = f"{file} is encrypted: run 'func settings decrypt' first"
            raise StartupError(msg)
    if is_example:
        values = {name: value for name, value in values.items() if name not in (COSMOS, EVENT_HUBS)}
    return {**DEFAULTS, **values, **environment}


def is_set(settings: Mapping[str, str], connection: str) -> bool:
    """Whether the connection is set, as a connection string or as an identity's endpoint."""
    return bool(settings.get(connection)) or any(
        name.startswith(f"{connection}__") and value for name, value in settings.items()
    )
