from datetime import UTC, datetime
from pathlib import Path

from localhost.functions_host.host_store import HostStore, TimerStatus

FIRST, SECOND, THIRD = (datetime(2026, 1, 1, hour, tzinfo=UTC) for hour in (1, 2, 3))


def test_timers_are_remembered(tmp_path: Path) -> None:
    store = HostStore(tmp_path)
    assert store.timer_status("tick") is None

    store.keep_timer_status("tick", TimerStatus(None, SECOND, FIRST))
    store.keep_timer_status("tick", TimerStatus(SECOND, THIRD, SECOND))
    store.close()

    again = HostStore(tmp_path)
    assert again.timer_status("tick") == TimerStatus(SECOND, THIRD, SECOND)
    again.close()


def test_checkpoints_are_kept_by_hub_group_and_partition(tmp_path: Path) -> None:
    store = HostStore(tmp_path, "full")
    store.keep_checkpoint("hub", "$Default", "0", "10", 1)
    store.keep_checkpoint("hub", "$Default", "0", "20", 2)
    store.keep_checkpoint("hub", "$Default", "1", "5", 1)
    store.keep_checkpoint("hub", "other", "0", "7", 1)
    store.close()

    again = HostStore(tmp_path)
    assert again.checkpoints("hub", "$Default") == {"0": "20", "1": "5"}
    assert again.checkpoints("hub", "nobody") == {}
    again.close()
