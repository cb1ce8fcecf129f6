"""The durable client of every door: one for the process, which keeps its channel to the task hub.

The SDK's own decorator makes a client for each call of an asynchronous function and closes it
afterwards; its synchronous clients it keeps, as this file does.
"""

from collections.abc import Awaitable, Callable
from functools import cache, wraps
from typing import Any

import azure.durable_functions as df

type Door = Callable[..., Awaitable[Any]]

CLIENT = "client"


def durable_client(blueprint: df.Blueprint) -> Callable[[Door], Any]:
    """Give a door the durable client, as its argument `client`."""

    def attach(door: Door) -> Any:
        @wraps(door)
        async def with_client(*args: Any, **kwargs: Any) -> Any:
            return await door(*args, **kwargs | {CLIENT: _client_of(kwargs[CLIENT])})

        with_client.__annotations__ = door.__annotations__ | {CLIENT: str}
        with_client.client_function = door  # type: ignore[attr-defined]  # as the SDK's has it
        binding = blueprint.generic_input_binding(arg_name=CLIENT, type="durableClient")
        return binding(with_client)

    return attach


@cache
def _client_of(configuration: str) -> df.DurableFunctionsClient:
    """The client of what the host's binding says."""
    return df.DurableFunctionsClient(configuration)
