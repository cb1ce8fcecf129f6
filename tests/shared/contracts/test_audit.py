from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.audit import GENESIS, SealedEntry, first_broken, seal_entries
from shared.domain.prior_authorization.change import AuditEntry
from shared.domain.prior_authorization.decision import RULES

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def _trail(length: int) -> tuple[SealedEntry, ...]:
    entries = [
        AuditEntry(event=f"event_{number}", actor=RULES, at=NOON, detail={"item": str(number)})
        for number in range(length)
    ]
    return seal_entries(entries, count=0, head=GENESIS)


def _broken(trail: tuple[SealedEntry, ...], length: int, head: str) -> int | None:
    return first_broken(trail, count=length, head=head)


@given(st.integers(0, 30))
def test_what_was_written_is_whole(length: int) -> None:
    trail = _trail(length)
    assert _broken(trail, length, trail[-1].seal if trail else GENESIS) is None


@given(st.integers(1, 20), st.data())
def test_an_edited_entry_is_named(length: int, data: st.DataObject) -> None:
    trail = _trail(length)
    place = data.draw(st.integers(0, length - 1))
    forged = replace(trail[place], entry=replace(trail[place].entry, event="forged"))
    edited = (*trail[:place], forged, *trail[place + 1 :])
    assert _broken(edited, length, trail[-1].seal) == place + 1


@given(st.integers(2, 20), st.data())
def test_a_deleted_or_moved_entry_is_named(length: int, data: st.DataObject) -> None:
    trail = _trail(length)
    place = data.draw(st.integers(0, length - 2))
    deleted = (*trail[:place], *trail[place + 1 :])
    assert _broken(deleted, length, trail[-1].seal) == place + 1
    moved = (*trail[:place], trail[place + 1], trail[place], *trail[place + 2 :])
    assert _broken(moved, length, trail[-1].seal) == place + 1


def test_a_truncated_trail_is_found_because_its_length_is_kept_apart() -> None:
    trail = _trail(5)
    assert _broken(trail[:3], 5, trail[-1].seal) == 4
    assert _broken((), 5, trail[-1].seal) == 1


def test_a_forger_who_seals_again_is_found_by_the_head() -> None:
    trail = _trail(3)
    forged = seal_entries(
        [replace(sealed.entry, event="forged") for sealed in trail], count=0, head=GENESIS
    )
    assert _broken(forged, 3, trail[-1].seal) == 4


def test_a_trail_goes_on_where_it_ended() -> None:
    first = _trail(2)
    more = seal_entries([first[0].entry], count=2, head=first[-1].seal)
    assert _broken((*first, *more), 3, more[-1].seal) is None
