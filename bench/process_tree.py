"""CPU and memory of a process and all that it started, by the part that each process plays."""

from __future__ import annotations

from collections import Counter

import psutil  # type: ignore[import-untyped] # no stubs are installed

PARTS = {
    "localhost.functions_host.worker_process": "worker",
    "localhost.functions_host.backing_services": "services",
}
ROOT_PART = "host"


class ProcessTree:
    """The processes below one, and that one."""

    def __init__(self, root_id: int) -> None:
        self._root = psutil.Process(root_id)

    def cpu_seconds(self) -> Counter[str]:
        """User and system seconds so far, by part: host, worker, services."""
        spent: Counter[str] = Counter()
        for part, process in self._processes():
            times = process.cpu_times()
            spent[part] += times.user + times.system
        return spent

    def resident_bytes(self) -> int:
        """Memory that is in use now, what processes share counted for each."""
        return sum(process.memory_info().rss for _, process in self._processes())

    def kill(self) -> None:
        """End all of them at once, as a power cut would."""
        processes = [process for _, process in self._processes()]
        for process in processes:
            process.kill()
        psutil.wait_procs(processes, timeout=10)

    def _processes(self) -> list[tuple[str, psutil.Process]]:
        children = self._root.children(recursive=True)
        return [(ROOT_PART, self._root), *((_part_of(child), child) for child in children)]


def _part_of(process: psutil.Process) -> str:
    command = process.cmdline()
    return next((part for module, part in PARTS.items() if module in command), "other")
