"""What the owners of the rules send: a version, a publication, a question."""

from collections.abc import Mapping
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

REASON_CHARACTERS_MAX = 1000
FLIP_SHARE_MAX = 0.05
"""The share of recorded decisions that a version may change without a reason being named."""


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Upload(_Message):
    """A new version.

    Attributes:
        xml: the DMN document; scenarios: its scenario file, as JSON.
    """

    xml: str = Field(min_length=1)
    scenarios: Mapping[str, Any] = Field(default_factory=dict)


class Publish(_Message):
    """Put a version into force.

    Attributes:
        effective_from: when; now where it is not given.
        flip_share_max: the share of recorded decisions that it may change, from 0 to 1.
        override_reason: why it may change more than that; it is audited.
    """

    effective_from: AwareDatetime | None = Field(default=None, alias="effectiveFrom")
    flip_share_max: float = Field(default=FLIP_SHARE_MAX, alias="flipShareMax", ge=0, le=1)
    override_reason: str = Field(
        default="", alias="overrideReason", max_length=REASON_CHARACTERS_MAX
    )


class Evaluate(_Message):
    """Ask a version, with a trace.

    Attributes:
        given: inputs as in a scenario: dates, times and durations are texts.
        at: the time of now() and today(); now where it is not given.
    """

    decision: str = Field(min_length=1, max_length=200)
    given: Mapping[str, Any] = Field(default_factory=dict)
    at: AwareDatetime | None = None
