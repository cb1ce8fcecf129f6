"""Changing the rules: upload a draft, look at it from every side, publish it.

A version is published only if it has scenarios and none fails, analysis finds no error, and it
flips no more recorded decisions than agreed, unless somebody gives a reason, which is audited.
"""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.contracts.audit import seal_entries
from shared.contracts.decision_log import read_inputs, read_value
from shared.contracts.rules import Publish
from shared.domain.prior_authorization.change import AuditEntry
from shared.domain.prior_authorization.decision import Actor
from shared.engine.dmn import Model, compile_model
from shared.engine.dmn.analysis import Analysis, analyse
from shared.engine.dmn.comparison import Comparison, Recorded, compare
from shared.engine.dmn.scenarios import Report, read_scenarios, run_scenarios
from shared.errors import ContractError, RuleViolation
from shared.ports.case_store import CaseStore, StaleError
from shared.ports.clock import Clock
from shared.ports.model_store import (
    ModelCommit,
    ModelStore,
    ModelVersion,
    Publication,
    StoredModel,
    Tag,
    UnknownModelError,
    VersionEntry,
)

NAME = re.compile(r"[a-z][a-z0-9-]{0,59}")
MODEL_BYTES_MAX = 700_000
SCENARIOS_BYTES_MAX = 700_000
"""Together below what a document of Cosmos DB holds."""
COMPARED_MAX = 100_000
CONFLICTS_MAX = 5
# A publication "from now" may have been decided on, and sent, a moment ago.
BACKDATED_MAX = timedelta(minutes=5)


class PublishRefused(RuleViolation):
    """A version may not be published; the message says why."""


@dataclass(frozen=True, slots=True)
class RuleDesk:
    """What changing the rules needs."""

    models: ModelStore
    cases: CaseStore
    clock: Clock


@dataclass(frozen=True, slots=True)
class Examined:
    """A version looked at from every side."""

    report: Report
    analysis: Analysis
    comparison: Comparison


async def load_model(desk: RuleDesk, name: str) -> StoredModel:
    """A model.

    Raises:
        UnknownModelError: there is none of that name.
    """
    model = await desk.models.load(name)
    if model is None:
        raise UnknownModelError(f"there is no model {name[:60]}")
    return model


async def load_content(desk: RuleDesk, name: str, version: str) -> ModelVersion:
    """The content of a version, by "latest", its hash, or the hash's beginning.

    Raises:
        UnknownModelError: there is no such model, or no one version of that name.
    """
    entry = (await load_model(desk, name)).find(version, desk.clock.now())
    content = await desk.models.content(name, entry.version)
    if content is None:
        raise UnknownModelError(f"model {name} has no version {version[:64]}")
    return content


async def upload(desk: RuleDesk, name: str, xml: str, scenarios: str, *, by: str) -> VersionEntry:
    """Keep a version as a draft; the same content again is the same version.

    A draft's scenarios may be sent again; those of a published version stand.

    Raises:
        ContractError: the name or the size does not fit.
        ModelError: the model, or its scenario file, cannot be used.
        RuleViolation: the version is published, and the scenarios differ.
    """
    _check_contract(name, xml, scenarios)
    model = await asyncio.to_thread(compile_model, xml, file=f"{name}.dmn")
    if scenarios:
        await asyncio.to_thread(read_scenarios, scenarios, f"{name}.scenarios.json")
    content = ModelVersion(name=name, version=model.content_hash, xml=xml, scenarios=scenarios)
    known = await desk.models.content(name, content.version)
    now = desk.clock.now()
    entry = VersionEntry(version=content.version, tag=Tag.DRAFT, uploaded_by=by, uploaded_at=now)

    def change(stored: StoredModel) -> ModelCommit | None:
        same = [each for each in stored.versions if each.version == content.version]
        if same and known is not None and known.scenarios == scenarios:
            return None
        if same and same[0].tag is Tag.APPROVED:
            raise RuleViolation(f"version {content.version[:12]} is published; its scenarios stand")
        versions = stored.versions if same else (*stored.versions, entry)
        audit = AuditEntry(
            event="model_uploaded", actor=Actor(by), at=now, detail={"version": content.version}
        )
        return _commit(replace(stored, versions=versions), audit, content)

    stored = await _change(desk, name, change)
    return next(each for each in stored.versions if each.version == content.version)


async def publish(
    desk: RuleDesk, name: str, version: str, asked: Publish, *, by: str
) -> Publication:
    """Put a version into force from a time on.

    Raises:
        UnknownModelError: there is no such version.
        PublishRefused: a scenario fails or there is none, analysis finds an error, it flips more
            than it may, or it is to be in force before now.
    """
    content = await load_content(desk, name, version)
    now = desk.clock.now()
    effective_from = asked.effective_from or now
    if effective_from < now - BACKDATED_MAX:
        raise PublishRefused("a version is in force from now on, or later; the past stands")
    examined = await examine(desk, content)
    override = _check_publishable(examined, asked)
    publication = Publication(
        version=content.version,
        effective_from=max(effective_from, now),
        published_by=by,
        published_at=now,
        override=override,
    )
    audit = AuditEntry(
        event="model_published", actor=Actor(by), at=now, detail=_proof(publication, examined)
    )

    def change(stored: StoredModel) -> ModelCommit:
        versions = tuple(
            replace(each, tag=Tag.APPROVED) if each.version == content.version else each
            for each in stored.versions
        )
        publications = (*stored.publications, publication)
        return _commit(replace(stored, versions=versions, publications=publications), audit)

    await _change(desk, name, change)
    return publication


async def examine(desk: RuleDesk, content: ModelVersion) -> Examined:
    """Run a version's scenarios, analyse it, and compare it with what was decided.

    Raises:
        ModelError: its scenario file cannot be used.
    """
    report = await run_tests(content, desk.clock.now())
    analysis = await asyncio.to_thread(analyse, content.xml, file=f"{content.name}.dmn")
    return Examined(report, analysis, await what_if(desk, content))


async def run_tests(content: ModelVersion, now: datetime) -> Report:
    """Run a version's own scenarios.

    Raises:
        ModelError: its scenario file cannot be used.
    """
    file = f"{content.name}.scenarios.json"
    scenarios = read_scenarios(content.scenarios, file) if content.scenarios else ()
    return await asyncio.to_thread(run_scenarios, compiled(content), scenarios, now=now)


async def what_if(desk: RuleDesk, content: ModelVersion) -> Comparison:
    """What a version would have decided otherwise, of the latest recorded decisions."""
    made = await desk.cases.decisions_of(content.name, limit=COMPARED_MAX)
    recorded = (
        Recorded(
            case_id=each.case_id,
            decision=each.record.decision,
            at=each.record.at,
            given=read_inputs(each.record.given),
            answer=read_value(each.record.answer),
            rows=each.record.rows,
        )
        for each in made
    )
    return await asyncio.to_thread(compare, compiled(content), recorded)


def compiled(content: ModelVersion) -> Model:
    """The model of a version."""
    return compile_model(content.xml, file=f"{content.name}.dmn")


def _check_contract(name: str, xml: str, scenarios: str) -> None:
    if not NAME.fullmatch(name):
        raise ContractError("a model's name is up to 60 small letters, digits and hyphens")
    if len(xml.encode()) > MODEL_BYTES_MAX:
        raise ContractError(f"a model has at most {MODEL_BYTES_MAX} bytes", where="/xml")
    if len(scenarios.encode()) > SCENARIOS_BYTES_MAX:
        raise ContractError(
            f"a scenario file has at most {SCENARIOS_BYTES_MAX} bytes", where="/scenarios"
        )


def _check_publishable(examined: Examined, asked: Publish) -> str:
    """The reason for flipping too much; empty where it does not.

    Raises:
        PublishRefused: the version may not be published.
    """
    report, analysis, comparison = examined.report, examined.analysis, examined.comparison
    if not report.outcomes:
        raise PublishRefused("the version has no scenarios")
    if report.failed:
        first = report.failed[0].scenario.name
        raise PublishRefused(f"{len(report.failed)} scenarios fail; the first is {first!r}")
    if analysis.errors:
        fault = analysis.errors[0]
        rows = ", ".join(cell.rule_id or str(cell.rule) for cell in fault.cells)
        raise PublishRefused(f"{fault.element}: {fault.kind}: {fault.message}; rows: {rows}")
    if comparison.flip_share <= asked.flip_share_max:
        return ""
    if asked.override_reason:
        return asked.override_reason
    raise PublishRefused(
        f"{comparison.flipped} of {comparison.decisions} recorded decisions flip, more than "
        f"{asked.flip_share_max:.1%}; to publish it all the same, give an overrideReason"
    )


def _proof(publication: Publication, examined: Examined) -> dict[str, str]:
    """What the audit trail keeps of a publication."""
    return {
        "version": publication.version,
        "effective_from": publication.effective_from.isoformat(),
        "scenarios": str(len(examined.report.outcomes)),
        "findings": str(len(examined.analysis.findings)),
        "flipped": f"{examined.comparison.flipped} of {examined.comparison.decisions}",
    } | ({"override": publication.override} if publication.override else {})


def _commit(
    model: StoredModel, audit: AuditEntry, content: ModelVersion | None = None
) -> ModelCommit:
    [sealed] = seal_entries([audit], count=model.audit_count, head=model.audit_head)
    changed = replace(model, audit_count=model.audit_count + 1, audit_head=sealed.seal)
    return ModelCommit(model=changed, content=content, audit=(sealed,))


async def _change(
    desk: RuleDesk, name: str, rule: Callable[[StoredModel], ModelCommit | None]
) -> StoredModel:
    """Commit a change to the model as it is; None changes nothing.

    Raises:
        RuleViolation: others changed it too many times meanwhile.
    """
    for _ in range(CONFLICTS_MAX):
        stored = await desk.models.load(name) or StoredModel(name=name)
        commit = rule(stored)
        if commit is None:
            return stored
        try:
            await desk.models.save(commit)
        except StaleError:
            continue
        return commit.model
    raise RuleViolation(f"model {name} is being changed by others; try again")
