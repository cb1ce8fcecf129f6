from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from shared.domain.prior_authorization.case import Case, Stage
from shared.domain.prior_authorization.expiring import expire
from tests.shared.domain.prior_authorization.cases import certify, opened

LAST_DAY = date(2026, 3, 10)
ITS_END_IN_NEW_YORK = datetime(2026, 3, 11, 4, tzinfo=UTC)


def test_an_authorization_holds_to_the_end_of_its_last_day_where_the_plan_is() -> None:
    before = ITS_END_IN_NEW_YORK - timedelta(microseconds=1)
    assert not expire(_certified(until=LAST_DAY), before).result

    gone = expire(_certified(until=LAST_DAY), ITS_END_IN_NEW_YORK)
    assert gone.result
    assert gone.case.stage is Stage.EXPIRED


def test_an_authorization_without_an_end_does_not_expire() -> None:
    assert not expire(_certified(until=None), ITS_END_IN_NEW_YORK + timedelta(days=9_999)).result


def _certified(*, until: date | None) -> Case:
    return replace(opened(), stage=Stage.NOTIFIED, decisions=(certify(until=until),))
