"""What several end-to-end tests change about the running system."""

from collections.abc import Iterator

import pytest

from tests.support.row_scores import any_score_allowed
from tests.support.world import World


@pytest.fixture
def any_row_score(world: World) -> Iterator[None]:
    with any_score_allowed(world.database):
        yield
