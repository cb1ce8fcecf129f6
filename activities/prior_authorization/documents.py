"""Documents: which of those that the items need the request does not bring."""

from activities.prior_authorization.pinned_rules import ask, service_class
from shared.domain.prior_authorization.case import Case
from shared.domain.prior_authorization.codes import CertificationType
from shared.domain.prior_authorization.coverage import Check, Finding
from shared.domain.prior_authorization.information import NeededDocument, missing_documents
from shared.domain.prior_authorization.request import ServiceItem
from shared.ports.rule_book import RuleBook


async def find_documents(case: Case, rules: RuleBook) -> Finding:
    """The missing documents, as "item:kind"."""
    missing: list[str] = []
    for item in case.request.items:
        needed = await _documents_needed(item, case, rules)
        lacking = missing_documents(needed, case.request.documents)
        missing += [f"{item.sequence}:{document.kind}" for document in lacking]
    return Finding(
        check=Check.DOCUMENTS, answer="missing" if missing else "complete", codes=tuple(missing)
    )


async def _documents_needed(item: ServiceItem, case: Case, rules: RuleBook) -> list[NeededDocument]:
    given = {
        "service class": await service_class(rules, case, item),
        "is renewal": item.certification_type is CertificationType.RENEWAL,
    }
    answer = await ask(rules, case, "documents-needed", "Documents needed", given)
    return [NeededDocument.from_row(row) for row in answer.value or ()]
