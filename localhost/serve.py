"""`python -m localhost serve`: runs the application until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from localhost.functions_host.json_logging import start_logging
from localhost.functions_host.launch import Options, launch
from localhost.functions_host.startup import EXIT_REFUSED, StartupError
from shared.errors import PermanentError

if TYPE_CHECKING:
    from localhost.functions_host.host import Host
    from localhost.functions_host.json_logging import JsonLines

PORT_DEFAULT = 7071
PORT_MAX = 65535
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")

_STARTED = time.monotonic()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("--port", type=_port, default=PORT_DEFAULT, help="HTTP port; 0 for any")
    parser.add_argument(
        "--data", type=Path, default=Path(".careloom"), help="folder for everything that is kept"
    )
    parser.add_argument(
        "--durability",
        choices=("normal", "full"),
        default="normal",
        help="full: every commit reaches the disk before it counts",
    )
    parser.add_argument(
        "--app", type=Path, default=Path(), help="folder that holds function_app.py and host.json"
    )
    parser.add_argument(
        "--enable-auth", action="store_true", help="ask for the keys that auth levels name"
    )
    parser.add_argument(
        "--log", choices=LOG_LEVELS, help="least level of logs, in place of host.json's default"
    )


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGTERM or Ctrl-C; answers the exit code."""
    logs = start_logging()
    options = Options(
        app_folder=arguments.app.resolve(),
        data=arguments.data.resolve(),
        port=arguments.port,
        durability=arguments.durability,
        asks_keys=arguments.enable_auth,
        log_level=logging.getLevelNamesMapping()[arguments.log] if arguments.log else None,
    )
    return asyncio.run(_serve(options, logs))


async def _serve(options: Options, logs: JsonLines) -> int:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _stop_or_abort, stopping)
    async with AsyncExitStack() as parts:
        starting = asyncio.create_task(_start(options, logs, parts))
        waiting = asyncio.create_task(stopping.wait())
        await asyncio.wait({starting, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if not starting.done():
            starting.cancel()
            await asyncio.wait({starting})
            return 0
        try:
            host = starting.result()
        except (StartupError, PermanentError) as error:
            waiting.cancel()
            sys.stderr.write(f"Careloom cannot start: {error}\n")
            return EXIT_REFUSED
        seconds = time.monotonic() - _STARTED
        sys.stdout.write(
            f"Careloom is ready at http://127.0.0.1:{host.port} after {seconds:.2f} s, "
            f"data in {options.data}. Ctrl-C stops it.\n"
        )
        sys.stdout.flush()
        await waiting
        await host.drain()
    return 0


async def _start(options: Options, logs: JsonLines, parts: AsyncExitStack) -> Host:
    launched = await launch(options, logs, parts)
    # Loaded here, while the processes that were launched load theirs.
    from localhost.functions_host.host import Host

    host = Host(launched, parts)
    await host.start()
    return host


def _stop_or_abort(stopping: asyncio.Event) -> None:
    """The first signal asks for an orderly stop, the second ends the process at once."""
    if stopping.is_set():
        os._exit(1)
    stopping.set()


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= PORT_MAX:
        msg = f"{text} is no port"
        raise argparse.ArgumentTypeError(msg)
    return number
