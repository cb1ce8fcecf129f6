"""Asking the decision models, at the versions that a case pinned when it was opened."""

from collections.abc import Mapping

from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.issued import IssuedItem
from shared.domain.prior_authorization.request import ServiceItem
from shared.ports.rule_book import RuleAnswer, RuleBook


async def ask(
    rules: RuleBook, case: Case, model: str, decision: str, given: Mapping[str, object]
) -> RuleAnswer:
    """Ask a model at the version the case pinned, as of the time the request was received."""
    pinned = (case.rule_versions or {}).get(model)
    return await rules.ask(model, decision, given, at=case.received_at, version=pinned)


async def service_class(rules: RuleBook, case: Case, item: ServiceItem | IssuedItem) -> str:
    """The class of an item, the word in which every other table speaks of it."""
    given = {"service code": item.service.code, "category": item.category}
    answer = await ask(rules, case, "service-class", "Service class", given)
    return str(answer.value)
