"""The peers and the local host on the same workloads in the same run, taking turns.

What peers need is installed by bench.peers on first use.
"""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from typing import TYPE_CHECKING

from bench import durable
from bench.running_host import ROOT

if TYPE_CHECKING:
    from bench.durable import Options
    from bench.results import Figure, Figures

PEERS = ("restate", "dbos")
WARM_UP = 20
"""Workflows before each round, as many as the peers are given."""


class PeerFailedError(Exception):
    """A peer could not be measured; its own message stands on standard error."""


def side_by_side(names: list[str], options: Options) -> Figures:
    """The rates of all sides, and how many times theirs ours are.

    The sides take turns, one round each, so that whatever else the machine does meets all of them.
    """
    rounds: dict[str, list[Figure]] = {}
    one_round = dataclasses.replace(options, rounds=1, warm_up=WARM_UP)
    for number in range(1, options.rounds + 1):
        found = durable.rates(names, one_round)
        _say(number, "ours", found)
        for peer in PEERS:
            theirs = _measured(peer, options)
            _say(number, peer, theirs)
            found |= {f"{name}_{peer}": figure for name, figure in theirs.items()}
        for name, figure in found.items():
            rounds.setdefault(name, []).append(figure)
    figures = {name: durable.median_of(each) for name, each in rounds.items()}
    return figures | _ratios(names, figures)


def _measured(peer: str, options: Options) -> Figures:
    command = [sys.executable, "-m", "bench.peers", "--only", peer, "--repeat", "1"]
    command += ["--count", str(options.count), "--concurrency", str(options.concurrent)]
    measured = subprocess.run(  # noqa: S603 - our own module
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False
    )
    if measured.returncode:
        raise PeerFailedError(f"{peer} could not be measured")
    lines = [json.loads(line) for line in measured.stdout.splitlines()]
    return {
        line["workload"]: {
            "value": line["value"],
            "unit": line["unit"],
            "p50_ms": line["p50_ms"],
            "p95_ms": line["p95_ms"],
            "cpu_ms_each": {"all": line["cpu_ms_each"]},
            "peer": line["peer"],
        }
        for line in lines
    }


def _say(number: int, side: str, found: Figures) -> None:
    rates = ", ".join(f"{name} {figure['value']}" for name, figure in found.items())
    sys.stderr.write(f"round {number}, {side}: {rates}\n")


def _ratios(names: list[str], figures: Figures) -> Figures:
    return {
        f"{name}_vs_{peer}": {
            "value": round(figures[name]["value"] / figures[f"{name}_{peer}"]["value"], 2),
            "unit": "times",
        }
        for peer in PEERS
        for name in names
    }
