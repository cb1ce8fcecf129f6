"""Runs the gateway alone: python -m localhost.cosmos_gateway --port 8081 --data cosmos.db."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

import uvloop

from .server import EMULATOR_KEY, serve
from .storage import UnusableFileError


def main() -> int:
    """Serves until it is interrupted or terminated."""
    parser = argparse.ArgumentParser(prog="python -m localhost.cosmos_gateway")
    parser.add_argument("--port", type=int, default=8081, help="on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--data", type=Path, help="the data file; without it nothing is kept")
    parser.add_argument("--key", default=EMULATOR_KEY, help="the account's key, in base64")
    parser.add_argument("--durability", choices=("normal", "full"), default="normal")
    try:
        uvloop.run(_run(parser.parse_args()))
    except (UnusableFileError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


async def _run(options: argparse.Namespace) -> None:
    gateway = await serve(
        options.data, port=options.port, key=options.key, durability=options.durability
    )
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    sys.stdout.write(f"The Cosmos gateway listens on {gateway.endpoint}\n")
    sys.stdout.flush()
    await stopped.wait()
    await gateway.stop()


if __name__ == "__main__":
    sys.exit(main())
