"""Fixtures: a fresh hub on a file, with everything around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.localhost.taskhub.stage import Stage, staged

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A hub on a file of its own, in real time."""
    async with staged(tmp_path / "hub.db") as stage:
        yield stage
