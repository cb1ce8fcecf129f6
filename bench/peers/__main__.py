"""Measures the peers: `python -m bench.peers [--only restate|dbos]`.

Installs them into `bench/peers/.work` on first use (Python packages and an npm package; no Docker),
then prints one JSON line for each peer and workload: `value` in workflows/s, the median of the
rounds, with the machine's figures beside it.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]
WORK = Path(__file__).parent / ".work"
PYTHON = WORK / "venv/bin/python"
PACKAGES = (
    "dbos==3.4.0",
    "httpx==0.28.1",
    "hypercorn==0.18.0",
    "pysqlite3-binary==0.5.4.post2",
    "restate-sdk==1.3.0",
)
SERVER = "@restatedev/restate-server@1.7.12"
SIDES = {"restate": "bench.peers.restate_side", "dbos": "bench.peers.dbos_side"}


def main() -> int:
    """Installs what is missing, runs each side, prints what it found."""
    options = _parser().parse_args()
    if shutil.which("npm") is None:
        sys.stderr.write("npm is needed: Restate's server comes from there\n")
        return 1
    install()
    environment = {
        **os.environ,
        "PEERS_CONCURRENCY": str(options.concurrency),
        "PEERS_COUNT": str(options.count),
        "PEERS_REPEAT": str(options.repeat),
    }
    for name in options.only or SIDES:
        command = [str(PYTHON), "-m", SIDES[name]]
        with subprocess.Popen(  # noqa: S603 - our own module in our own environment
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
        ) as side:
            for line in side.stdout or ():
                sys.stdout.write(json.dumps({**json.loads(line), "machine": machine()}) + "\n")
                sys.stdout.flush()
        if side.returncode:
            sys.stderr.write(f"{name} failed; its servers' logs lie in {WORK.relative_to(ROOT)}\n")
            return 1
    return 0


def install() -> None:
    """Brings the pinned packages, unless they are there already."""
    marker = WORK / "installed.txt"
    wanted = "\n".join((*PACKAGES, SERVER))
    if marker.exists() and marker.read_text() == wanted:
        return
    WORK.mkdir(exist_ok=True)
    venv.create(WORK / "venv", with_pip=True, symlinks=True, clear=True)
    pip = [str(PYTHON), "-m", "pip", "install", "-q", *PACKAGES]
    npm = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(WORK), SERVER]
    for command in (pip, npm):
        subprocess.run(command, check=True)  # noqa: S603 - pinned packages
    marker.write_text(wanted)


def machine() -> dict[str, object]:
    """What the figures were measured on, and how busy it was."""
    pages, page_bytes = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return {
        "cpus": os.cpu_count(),
        "memory_gb": round(pages * page_bytes / 1e9, 1),
        "system": platform.platform(),
        "load_1min": round(os.getloadavg()[0], 2),
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.peers")
    parser.add_argument("--only", action="append", choices=SIDES, help="one peer; may be repeated")
    parser.add_argument("--concurrency", type=int, default=50)
    parser.add_argument("--count", type=int, default=500, help="workflows in a round")
    parser.add_argument("--repeat", type=int, default=3, help="rounds of each workload")
    return parser


if __name__ == "__main__":
    sys.exit(main())
