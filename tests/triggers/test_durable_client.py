import json

import azure.durable_functions as df

from triggers.durable_client import durable_client

GIVEN = {"taskHubName": "careloom", "rpcBaseUrl": "http://127.0.0.1:1/"}


async def _client_of(configuration: dict[str, str]) -> df.DurableFunctionsClient:
    doors = df.Blueprint()

    @durable_client(doors)
    async def door(client: df.DurableFunctionsClient) -> df.DurableFunctionsClient:
        return client

    function = door._function
    [binding] = function.get_bindings()
    assert (binding.name, binding.type) == ("client", "durableClient")
    told = await function.get_user_function()(client=json.dumps(configuration))
    assert isinstance(told, df.DurableFunctionsClient)
    return told


async def test_calls_of_every_door_share_one_client() -> None:
    assert await _client_of(GIVEN) is await _client_of(GIVEN)


async def test_another_task_hub_has_a_client_of_its_own() -> None:
    other = await _client_of(GIVEN | {"taskHubName": "other"})
    assert other is not await _client_of(GIVEN)
    assert other.taskHubName == "other"
