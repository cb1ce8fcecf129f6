"""DBOS over SQLite, in the process that drives it, which is how DBOS is used.

DBOS needs SQLite 3.42; where Python has an older one, pysqlite3 stands in.
"""

import asyncio
import sys
import tempfile
from importlib.metadata import version

import pysqlite3

sys.modules["sqlite3"] = pysqlite3

from dbos import DBOS  # noqa: E402 - only after SQLite is replaced

from bench.peers.workloads import drive  # noqa: E402


@DBOS.step()
async def add(x: int, k: int) -> int:
    """One durable step."""
    return x + k


@DBOS.workflow()
async def seq3(x: int) -> int:
    """Three steps, one after the other."""
    for _ in range(3):
        x = await add(x, 1)
    return x


@DBOS.workflow()
async def seq10(x: int) -> int:
    """Ten steps, one after the other."""
    for _ in range(10):
        x = await add(x, 1)
    return x


@DBOS.workflow()
async def fan10(x: int) -> int:
    """Ten parallel steps and their sum."""
    return sum(await asyncio.gather(*(add(x, k) for k in range(10))))


WORKFLOWS = {"seq3": seq3, "fan10": fan10, "seq10": seq10}


async def main(folder: str) -> None:
    """Launches DBOS, drives it, ends it."""
    DBOS(
        config={
            "name": "peers",
            "system_database_url": f"sqlite:///{folder}/dbos.sqlite",
            "log_level": "ERROR",
            "sys_db_pool_size": 20,
        }
    )
    DBOS.launch()

    async def run(workload: str, x: int) -> int:
        return await WORKFLOWS[workload](x)

    await drive(f"dbos {version('dbos')} sqlite", run, servers=[])
    DBOS.destroy()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(main(folder))
