"""The plan's list: every service that needs authorization, read off its own decision tables."""

import re
from collections.abc import Sequence
from datetime import datetime

from shared.domain.prior_authorization.public_report import ListedService
from shared.ports.rule_book import RuleBook, TableRow

NOT_REQUIRED = "not required"
ANYTHING = "-"
CODE_COLUMN, CATEGORY_COLUMN = "service code", "category"
RANGE = re.compile(r'\["([^"]+)"\.\."([^"]+)"\]')


async def services_needing_authorization(
    rules: RuleBook, *, at: datetime
) -> tuple[ListedService, ...]:
    """The services in the order of the plan's table, each with its codes and its documents.

    A class needs authorization unless the tables free it for whoever asks. A provider's gold card
    frees a provider, not a service, so it takes nothing off the list.

    Source: 42 CFR 422.122(c)(1)(i) and its twins: "a list of all items and services that require
    prior authorization".
    """
    rows: dict[str, list[TableRow]] = {}
    for row in await rules.rows("service-class", "Service class", at=at):
        rows.setdefault(_word(row.outputs[0]), []).append(row)
    listed = []
    for name, its_rows in rows.items():
        documents = await _documents(rules, name, at)
        if await _needs_authorization(rules, name, len(documents), at):
            listed.append(ListedService(name, _codes(its_rows), documents))
    return tuple(listed)


async def _needs_authorization(
    rules: RuleBook, service_class: str, documents: int, at: datetime
) -> bool:
    given = {
        "service class": service_class,
        "gold carded": False,
        "documents missing": documents,
        "quantity": None,
        "is renewal": False,
    }
    ruled = await rules.ask("auto-approval", "Auto approval", given, at=at)
    return bool(ruled.value["action"] != NOT_REQUIRED)


async def _documents(rules: RuleBook, service_class: str, at: datetime) -> tuple[str, ...]:
    given = {"service class": service_class, "is renewal": False}
    needed = await rules.ask("documents-needed", "Documents needed", given, at=at)
    return tuple(row["title"] for row in needed.value or () if row["kind"] != "none")


def _codes(rows: Sequence[TableRow]) -> str:
    """Which services a class holds: codes and ranges of them, then categories of X12 1365."""
    codes = [text for row in rows if (text := row.tests[CODE_COLUMN]) != ANYTHING]
    categories = [
        text
        for row in rows
        if row.tests[CODE_COLUMN] == ANYTHING and (text := row.tests[CATEGORY_COLUMN]) != ANYTHING
    ]
    parts = [_plain(text) for text in codes]
    parts += [f"category {_plain(text)}" for text in categories]
    return ", ".join(parts) or "every other service"


def _plain(test: str) -> str:
    """A unary test over codes as people read it."""
    return RANGE.sub(r"\1 to \2", test).replace('"', "")


def _word(text: str) -> str:
    return text.strip().strip('"')
