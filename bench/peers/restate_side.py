"""Restate's single-node server, our service beside it, and the calls through its ingress."""

import asyncio
import json
import os
import socket
import sys
import tempfile
from asyncio.subprocess import Process
from contextlib import AsyncExitStack
from pathlib import Path

import httpx

from bench.peers.workloads import drive

WORK = Path(__file__).parent / ".work"
PACKAGE = WORK / "node_modules/@restatedev/restate-server"
STARTS_WITHIN_S = 60


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports: list[int] = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


async def main(folder: str) -> None:
    """Starts the server and the service, registers it, drives it, ends both."""
    ingress, admin, node, service = free_ports(4)
    environment = {
        **os.environ,
        "DO_NOT_TRACK": "1",
        "RESTATE_BASE_DIR": folder,
        "RESTATE_NODE_NAME": "peers",
        "RESTATE_BIND_ADDRESS": f"127.0.0.1:{node}",
        "RESTATE_INGRESS__BIND_ADDRESS": f"127.0.0.1:{ingress}",
        "RESTATE_ADMIN__BIND_ADDRESS": f"127.0.0.1:{admin}",
    }
    hypercorn = ("-m", "hypercorn", "bench.peers.restate_service:app", "--bind")
    async with AsyncExitStack() as stack:
        server = await start(stack, environment, str(WORK / "node_modules/.bin/restate-server"))
        beside = await start(stack, environment, sys.executable, *hypercorn, f"127.0.0.1:{service}")
        client = await stack.enter_async_context(
            httpx.AsyncClient(timeout=120, limits=httpx.Limits(max_connections=200))
        )
        await register(client, f"http://127.0.0.1:{admin}", f"http://127.0.0.1:{service}")

        async def run(workload: str, x: int) -> int:
            url = f"http://127.0.0.1:{ingress}/Workloads/{workload}"
            answer = await client.post(url, json=x)
            answer.raise_for_status()
            return int(answer.json())

        version = json.loads((PACKAGE / "package.json").read_text())["version"]
        await drive(f"restate {version}", run, servers=[server.pid, beside.pid])


async def start(stack: AsyncExitStack, environment: dict[str, str], *command: str) -> Process:
    """Starts a process that ends with the stack; what it logs goes to a file."""
    log = stack.enter_context((WORK / f"{Path(command[0]).name}.log").open("w"))
    process = await asyncio.create_subprocess_exec(
        *command, env=environment, stdout=log, stderr=log
    )

    async def stop() -> None:
        if process.returncode is None:
            process.terminate()
            await process.wait()

    stack.push_async_callback(stop)
    return process


async def register(client: httpx.AsyncClient, admin: str, service: str) -> None:
    """Tells the server of the service, once both are there."""
    async with asyncio.timeout(STARTS_WITHIN_S):
        while True:
            try:
                answer = await client.post(f"{admin}/deployments", json={"uri": service})
            except httpx.TransportError:
                await asyncio.sleep(0.5)
            else:
                if answer.is_success:
                    return
                await asyncio.sleep(0.5)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(main(folder))
