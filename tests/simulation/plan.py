"""What the seed says of a case before it happens: who asks for what, when, and who is late.

The people of people.py follow it; the oracle judges by it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from shared.domain.prior_authorization.coverage import Membership
from tests.simulation.registers import Registers

YEAR_BEGINS = datetime(2026, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=365)
REJECTIONS = ("unknown member", "left member", "excluded provider")


@dataclass(frozen=True, slots=True)
class Service:
    """A service of the sample catalogue: its class, as the rules sort it, and its documents."""

    service_class: str
    code: str
    category: str
    documents: tuple[tuple[str, str], ...] = ()
    quantity_max: int = 1


ORDER, NOTE = ("57832-8", "B3"), ("11506-3", "09")
HISTORY, CATHETER = ("34117-2", "P5"), ("18745-0", "DG")
IMAGES, CARE_PLAN = ("18748-4", "RR"), ("18776-5", "08")
PRESCRIPTION, LABORATORY = ("57833-6", "B2"), ("11502-2", "LA")
EQUIPMENT_ORDER, PATHOLOGY = ("52063-5", "DB"), ("11526-1", "P4")

SERVICES = (
    Service("office visit", "99213", "1"),
    Service("emergency", "99283", "86"),
    Service("consultation", "99243", "3"),
    Service("advanced imaging", "72148", "62", (ORDER, NOTE), 2),
    Service("home health", "G0299", "42", (CARE_PLAN,), 90),
    Service("therapy", "97110", "AE", (CARE_PLAN,), 20),
    Service("behavioural health", "90834", "A4", (CARE_PLAN,), 20),
    Service("medical equipment", "E0260", "12", (EQUIPMENT_ORDER,), 2),
    Service("cardiac surgery", "33405", "2", (HISTORY, CATHETER)),
    Service("orthopaedic surgery", "27447", "2", (HISTORY, IMAGES)),
    Service("surgery", "47562", "2", (HISTORY,)),
    Service("infusion and nutrition", "B4155", "12", (PRESCRIPTION, LABORATORY), 30),
    Service("oncology", "J9271", "78", (CARE_PLAN, PATHOLOGY), 8),
)
WEIGHTS = (2, 1, 8, 10, 8, 8, 8, 6, 3, 8, 6, 4, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One item of a request; change is "", "added", "changed" or "cancelled"."""

    service: Service
    quantity: int
    change: str = ""


@dataclass(frozen=True, slots=True)
class Amendment:
    """What the provider sends later: "cancel", "add" an item, "change" or "withdraw" the first."""

    kind: str
    after: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One case, as the seed has it.

    Attributes:
        member: None for somebody the payer does not know.
        brings_documents: whether every document needed comes along.
        rejection: why the payer cannot decide it; empty where it can.
        repeats: when the same request is sent again, after the first.
        is_forgotten: the reviewers let the deadline pass; woken_after: how long after it somebody
            decides, None for never.
        appeal_is_forgotten: the same for the plan's own level of appeal.
        certification: X12 1322, whether it asks for the first time or for more of the same.
        seed: for the people's dice.
    """

    number: int
    identifier: str
    arrives_at: datetime
    member_number: str
    member: Membership | None
    provider: str
    urgency: str
    items: tuple[Asked, ...]
    brings_documents: bool
    rejection: str
    repeats: tuple[timedelta, ...]
    amendment: Amendment | None
    is_forgotten: bool
    woken_after: timedelta | None
    appeal_is_forgotten: bool
    certification: str
    seed: str


def plans(seed: int, part: int, cases: int, known: Registers) -> tuple[Plan, ...]:
    """The cases of one part of the year, in the order in which they arrive."""
    rng = Random(f"{seed}/{part}/arrivals")
    arrivals = sorted(YEAR_BEGINS + YEAR * rng.random() for _ in range(cases))
    return tuple(
        _plan(number, at, f"{seed}/{part}/{number}", known)
        for number, at in enumerate(arrivals, start=1)
    )


def _plan(number: int, arrives_at: datetime, seed: str, known: Registers) -> Plan:
    rng = Random(seed)
    rejection = rng.choice(REJECTIONS) if rng.random() < 0.03 else ""
    entry = known.left if rejection == "left member" else rng.choice(known.members)
    is_unknown = rejection == "unknown member"
    provider = known.excluded if rejection == "excluded provider" else rng.choice(known.providers)
    return Plan(
        number=number,
        identifier=f"case-{seed.replace('/', '-')}",
        arrives_at=arrives_at,
        member_number="M-nobody" if is_unknown else entry.identifier.value,
        member=None if is_unknown else entry.membership,
        provider=provider.npi,
        urgency="urgent" if rng.random() < 0.2 else "standard",
        items=_items(rng),
        brings_documents=rng.random() < 0.85,
        rejection=rejection,
        repeats=tuple(
            timedelta(minutes=rng.expovariate(1 / 600)) for _ in range(rng.choice([0] * 9 + [1, 2]))
        ),
        amendment=_amendment(rng) if not rejection and rng.random() < 0.09 else None,
        is_forgotten=rng.random() < 0.03,
        woken_after=timedelta(hours=rng.uniform(1, 100)) if rng.random() < 0.8 else None,
        appeal_is_forgotten=rng.random() < 0.1,
        certification="4" if Random(f"{seed}/certification").random() < 0.4 else "I",
        seed=seed,
    )


def _items(rng: Random) -> tuple[Asked, ...]:
    chosen = rng.choices(SERVICES, WEIGHTS, k=rng.choice([1, 1, 1, 1, 2, 3]))
    return tuple(
        Asked(service=service, quantity=rng.choice([1, 1, service.quantity_max]))
        for service in chosen
    )


def _amendment(rng: Random) -> Amendment:
    kind = rng.choice(["cancel", "add", "change", "withdraw"])
    return Amendment(
        kind, timedelta(hours=rng.choice([rng.uniform(0.1, 48), rng.uniform(48, 900)]))
    )
