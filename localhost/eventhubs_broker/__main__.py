"""Runs the broker alone, or has a running one throttle.

python -m localhost.eventhubs_broker --port 5672 --data DIR
python -m localhost.eventhubs_broker --port 5672 --throttle send --times 3 --hub orders
"""

import argparse
import asyncio
import signal
import sys
from datetime import timedelta
from pathlib import Path

import uvloop

from localhost.eventhubs_broker.event_log import Retention
from localhost.eventhubs_broker.peer import throttle
from localhost.eventhubs_broker.server import KEY_DEFAULT, serve
from shared.errors import PermanentError


def main() -> int:
    """Serves until it is told to stop, or throttles and is done."""
    options = _parser().parse_args()
    try:
        uvloop.run(_throttle(options) if options.throttle else _serve(options))
    except (PermanentError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m localhost.eventhubs_broker")
    parser.add_argument("--port", type=int, default=5672)
    parser.add_argument("--data", type=Path, help="folder of the database; without it, none stays")
    parser.add_argument(
        "--hub", action="append", default=[], metavar="NAME[:PARTITIONS]", help="declare a hub"
    )
    parser.add_argument("--declared-only", action="store_true", help="make no hub on first use")
    parser.add_argument("--key", default=KEY_DEFAULT)
    parser.add_argument(
        "--throttle",
        choices=["send", "open"],
        help="have the broker at --port answer the next operations with server-busy, and exit",
    )
    parser.add_argument("--times", type=int, default=1, help="how many are throttled")
    parser.add_argument("--durability", choices=["normal", "full"], default="normal")
    parser.add_argument("--retention-hours", type=float, default=168)
    parser.add_argument("--retention-megabytes", type=int, default=1024, help="of a partition")
    return parser


async def _throttle(options: argparse.Namespace) -> None:
    for hub in options.hub or [""]:
        await throttle(
            options.port, options.key, operation=options.throttle, times=options.times, hub=hub
        )


async def _serve(options: argparse.Namespace) -> None:
    hubs = {name: int(count or 4) for name, _, count in (hub.partition(":") for hub in options.hub)}
    broker = await serve(
        None if options.data is None else options.data / "eventhubs.sqlite",
        port=options.port,
        hubs=hubs,
        key=options.key,
        durability=options.durability,
        retention=Retention(
            timedelta(hours=options.retention_hours), options.retention_megabytes << 20
        ),
        creates_hubs=not options.declared_only,
    )
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    sys.stdout.write(f"{broker.connection_string}\n")
    sys.stdout.flush()
    await stopped.wait()
    await broker.stop()


if __name__ == "__main__":
    sys.exit(main())
