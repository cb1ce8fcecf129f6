from dataclasses import dataclass, field, replace
from typing import Any

from shared.domain.prior_authorization.case import InformationRequest
from tests.shared.ports.samples import NOON, a_case, under_review
from triggers.stories import nudge


@dataclass
class Hub:
    """A client of the task hub that notes which instances are told something."""

    told: list[str] = field(default_factory=list)

    async def raise_orchestration_event(self, instance_id: str, _event: str) -> None:
        self.told.append(instance_id)


def _asked(number: int) -> InformationRequest:
    return InformationRequest(
        number=number, kinds=("18748-4",), asked_by="doctor", asked_at=NOON, due_at=NOON
    )


async def test_what_watches_a_case_is_told_by_the_names_it_was_started_under() -> None:
    hub: Any = Hub()
    case = replace(under_review(a_case()), information=(_asked(1), _asked(2)))
    await nudge(hub, case)
    review = "case-1.review"
    assert hub.told == [review, f"{review}.question1", f"{review}.question2"]


async def test_an_overtaken_story_is_told_too_with_its_questions() -> None:
    hub: Any = Hub()
    case = replace(under_review(a_case()), revision=3, information=(_asked(1),))
    await nudge(hub, case)
    reviews = ["case-1.review", "case-1.r2.review", "case-1.r3.review"]
    assert hub.told == [name for each in reviews for name in (each, f"{each}.question1")]
