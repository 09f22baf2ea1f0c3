"""What several end-to-end tests change about the running system."""

from collections.abc import Iterator

import pytest

from tests.support.world import World


@pytest.fixture
def any_row_score(world: World) -> Iterator[None]:
    """A project's own table of conversations may lack the check that sql/00 makes."""
    constraint = "conversations_quality_score_check"
    world.database.execute(f"alter table public.conversations drop constraint {constraint}")
    yield
    world.database.execute("update public.conversations set quality_score = null where quality_score > 5")
    world.database.execute("update public.conversations set quality_score = null where quality_score < 0")
    world.database.execute(
        f"alter table public.conversations add constraint {constraint} check (quality_score between 0 and 5)"
    )
