"""Which processor cores the processes of a host run on, where there is just one for each.

The kernel likes to wake a process on the core of the one that wrote to it. On a machine of two
cores it so puts host and services where the worker is, which bounds the rate, and which then waits
and loses its caches while the other core is free.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

type Cores = frozenset[int]

ANY: Cores = frozenset()


class Division(NamedTuple):
    """The cores of the host and its services, and those of the workers."""

    host: Cores
    workers: Cores


def usable() -> Cores:
    """The cores of this process; ANY where the system does not say."""
    return frozenset(os.sched_getaffinity(0)) if sys.platform == "linux" else ANY


def divide(cores: Cores, workers: int) -> Division:
    """One core for the host, the others for so many workers.

    With more cores than that there is room for all, with fewer nothing to divide: both keep ANY.
    """
    if len(cores) != workers + 1:
        return Division(ANY, ANY)
    own = max(cores)
    return Division(frozenset({own}), cores - {own})


def confine(process_id: int, cores: Cores) -> None:
    """Keep a process to some cores, with its threads and what it starts later.

    One that has ended meanwhile, or that the system does not let go there, is left in peace.
    """
    if cores == ANY:
        return
    with suppress(OSError):
        for thread in Path(f"/proc/{process_id}/task").iterdir():
            os.sched_setaffinity(int(thread.name), cores)
