import subprocess
import sys

import psutil  # type: ignore[import-untyped] # no stubs are installed
import pytest

from bench.process_tree import ProcessTree

BUSY = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'while True: pass'])"


def test_a_tree_counts_its_children_and_ends_with_them() -> None:
    root = subprocess.Popen([sys.executable, "-c", BUSY])  # noqa: S603 - our own interpreter
    tree = ProcessTree(root.pid)
    while "other" not in tree.cpu_seconds() or tree.cpu_seconds()["other"] < 0.05:
        assert root.poll() is None
    assert tree.resident_bytes() > 1_000_000
    tree.kill()
    root.wait(10)
    with pytest.raises(psutil.NoSuchProcess):
        ProcessTree(root.pid)
