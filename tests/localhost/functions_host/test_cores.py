import os
import subprocess
import sys
from pathlib import Path

import pytest

from localhost.functions_host.cores import ANY, Cores, Division, confine, divide, usable

SLEEPER = "import threading as t; t.Thread(target=input).start(); print('up', flush=True)"


def test_with_a_core_more_than_workers_the_host_has_one_to_itself() -> None:
    assert divide(frozenset({0, 1}), 1) == Division(frozenset({1}), frozenset({0}))
    assert divide(frozenset({2, 4, 6}), 2) == Division(frozenset({6}), frozenset({2, 4}))


@pytest.mark.parametrize("cores", [frozenset({0, 1, 2}), frozenset({0}), ANY])
def test_where_there_is_room_for_all_or_none_to_spare_nothing_is_divided(cores: Cores) -> None:
    assert divide(cores, 1) == Division(ANY, ANY)


@pytest.mark.skipif(not usable(), reason="this system confines no process to a core")
def test_a_process_and_its_threads_are_confined() -> None:
    one = frozenset({min(usable())})
    with subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-c", SLEEPER], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        threads = [int(each.name) for each in Path(f"/proc/{process.pid}/task").iterdir()]

        confine(process.pid, ANY)
        assert {len(os.sched_getaffinity(thread)) for thread in threads} == {len(usable())}
        confine(process.pid, one)
        assert len(threads) == 2
        assert all(os.sched_getaffinity(thread) == one for thread in threads)
        process.kill()
        process.wait()
        confine(process.pid, one)
