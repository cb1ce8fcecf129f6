"""`python -m bench`: measures, prints a table, and keeps the figures in bench/results.json."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bench import at_rest, durable, results, rules
from bench.driver import WrongResultError
from bench.machine import machine
from bench.running_host import HostDiedError
from bench.side_by_side import PeerFailedError, side_by_side

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.durable import Options
    from bench.results import Figures

type Measure = Callable[[Options], Figures]


def main(arguments: list[str]) -> int:
    """Do what the command line asks."""
    asked = parser().parse_args(arguments)
    if asked.write_docs:
        results.write_document(results.read())
        return 0
    try:
        measure_all(asked)
    except (HostDiedError, PeerFailedError, WrongResultError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def measure_all(asked: argparse.Namespace) -> None:
    """Measure what is asked for, show it and keep it.

    Raises:
        HostDiedError, PeerFailedError, WrongResultError: there is no figure to keep.
    """
    options = options_of(asked)
    figures: Figures = {}
    for measure in plan(asked.only, with_peers=asked.peers):
        on = machine() | {"durability": options.durability, "workers": options.workers}
        found = {
            name: figure | {"machine": on}
            for name, figure in measure(options).items()
            if not asked.only or name in asked.only or asked.peers
        }
        figures |= found
        if found:
            sys.stdout.write(results.table(found))
            sys.stdout.flush()
    sys.stdout.write(f"\n{results.machines(figures)}\n\n{results.table(figures)}")
    if not asked.quick or asked.out != results.RESULTS:
        results.keep(figures, asked.out)


def plan(only: list[str], *, with_peers: bool) -> list[Measure]:
    """The measurements that give the wanted figures; all of them where none is named."""
    rated = [name for name in durable.RATED if not only or name in only]
    if with_peers:
        return [lambda options: side_by_side(rated, options)]
    groups: list[tuple[tuple[str, ...], Measure]] = [
        (durable.RATED, lambda options: durable.rates(rated, options)),
        (("step_p50_ms", "step_p99_ms"), durable.step),
        (("fan1000_s",), durable.fan1000),
        (("waiting_bytes_each", "new_beside_waiting", "release_10k_s"), durable.waiting),
        (
            tuple(f"{name}_{what}" for name in at_rest.APPS for what in at_rest.KINDS),
            at_rest.idle,
        ),
        (("first_start_s", "next_start_s"), at_rest.starts),
        ((*RULES, "dmn_model_vs_zen"), lambda _: decisions()),
    ]
    return [measure for names, measure in groups if not only or set(only) & set(names)]


RULES: dict[str, Callable[[], Figures]] = {
    "dmn_model_10x4": rules.dmn_model_10x4,
    "dmn_table_10x4": rules.dmn_table_10x4,
    "zen_10x4": rules.zen_10x4,
    "python_10x4": rules.python_10x4,
}


def decisions() -> Figures:
    """The rule engines, one after the other; without zen-engine where it cannot be installed."""
    figures: Figures = {}
    for name, measure in RULES.items():
        try:
            figures |= measure()
        except (ImportError, subprocess.CalledProcessError):
            sys.stdout.write(f"{name} is left out: zen-engine cannot be installed here\n")
    if "zen_10x4" in figures:
        ratio = figures["dmn_model_10x4"]["value"] / figures["zen_10x4"]["value"]
        figures["dmn_model_vs_zen"] = {"value": round(ratio, 2), "unit": "times"}
    return figures


def options_of(asked: argparse.Namespace) -> Options:
    """How to measure, by the command line."""
    if asked.quick:
        return durable.Options.quick(asked.durability, asked.workers)
    return durable.Options(asked.durability, asked.workers)


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    taken = argparse.ArgumentParser(prog="python -m bench")
    taken.add_argument(
        "--only", nargs="+", default=[], choices=results.MEANINGS, metavar="NAME", help="figures"
    )
    taken.add_argument("--peers", action="store_true", help="Restate and DBOS beside us, in turn")
    taken.add_argument("--quick", action="store_true", help="see that it works; keeps nothing")
    taken.add_argument("--durability", choices=("normal", "full"), default="normal")
    taken.add_argument("--workers", type=int, default=1, help="worker processes of the host")
    taken.add_argument("--out", type=Path, default=results.RESULTS, help="where figures are kept")
    taken.add_argument(
        "--write-docs", action="store_true", help="only put the kept figures into docs"
    )
    return taken


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
