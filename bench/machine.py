"""What the figures were measured on, and how busy it was."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.running_host import ROOT

CPU_NAMES = Path("/proc/cpuinfo")


def machine() -> dict[str, Any]:
    """The machine and the code, as they are now."""
    pages, page_bytes = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "commit": commit(),
        "cores": os.cpu_count(),
        "cpu": _cpu_name(),
        "memory_gb": round(pages * page_bytes / 1e9, 1),
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "load_1min": round(os.getloadavg()[0], 2),
    }


def commit() -> str:
    """The short hash of what is checked out, with a + where there are changes beside it."""
    command = ("git", "describe", "--always", "--dirty=+", "--exclude=*", "--abbrev=8")
    try:
        answer = subprocess.run(  # noqa: S603 - a constant
            command, cwd=ROOT, check=True, capture_output=True, text=True
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return answer.stdout.strip()


def _cpu_name() -> str:
    if CPU_NAMES.exists():
        for line in CPU_NAMES.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
