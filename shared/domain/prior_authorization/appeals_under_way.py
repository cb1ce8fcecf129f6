"""The appeals of a case that are under way: at most one for each item, each in its own story."""

from shared.domain.prior_authorization.case import Case, Stage


def under_way(case: Case, *items: int) -> tuple[int, ...]:
    """The numbers of the appeals that their stories have not closed yet.

    One that a later appeal about its items took over, or was forwarded as, is closed; so is every
    one before a filing that had none beside it.

    Args:
        items: sequences that the appeals are about; any where none are named.
    """
    if case.stage is not Stage.APPEALED:
        return ()
    numbered = list(enumerate(case.appeals, start=1))
    alone = max((n for n, each in numbered if not (each.is_forwarded or each.is_beside)), default=1)
    return tuple(
        number
        for number, appeal in numbered[alone - 1 :]
        if appeal.closed_at is None
        and not any(later.is_about(appeal.items) for later in case.appeals[number:])
        and (not items or appeal.is_about(items))
    )


def story_of(case: Case, number: int) -> int:
    """The number of the appeal that was filed and whose story works on this one.

    It is the appeal itself, or the one that it was forwarded from.
    """
    while case.appeals[number - 1].is_forwarded:
        items = case.appeals[number - 1].items
        number = max(n for n in range(1, number) if case.appeals[n - 1].is_about(items))
    return number


def present_of(case: Case, story: int) -> int:
    """The number of the appeal that a story works on now; 0 once it has nothing left to do."""
    return next((number for number in under_way(case) if story_of(case, number) == story), 0)
