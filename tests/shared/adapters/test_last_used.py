from shared.adapters.last_used import LastUsed


def test_the_longest_unused_is_dropped_first() -> None:
    memory: LastUsed[int] = LastUsed(2)
    memory.keep("a", 1)
    memory.keep("b", 2)
    assert memory.get("a") == 1
    memory.keep("c", 3)
    assert (memory.get("a"), memory.get("b"), memory.get("c")) == (1, None, 3)


def test_what_is_forgotten_is_not_there() -> None:
    memory: LastUsed[int] = LastUsed(2)
    memory.keep("a", 1)
    memory.forget("a")
    memory.forget("a")
    assert memory.get("a") is None
