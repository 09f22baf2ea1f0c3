"""What an attempt at a revision works on, whichever change it is, and on whichever revision."""

from collections.abc import Iterator
from typing import Any, Protocol

from training_files.builds.planning import PlannedRevision
from training_files.domain.training_file.revision import Revision
from training_files.domain.training_file.training_file import TrainingFile


class Work(Protocol):
    """A change of a training file, prepared as far as that can be without knowing what it is built on."""

    @property
    def is_left(self) -> bool:
        """Whether there is anything to do."""

    def rebase(self, training_file: TrainingFile) -> None:
        """Looks again at what the change is about: the training file stands at another revision now.

        Raises what refuses the change as a whole.
        """

    def plan(self, training_file: TrainingFile, base: Revision | None) -> PlannedRevision:
        """The revision that follows `base`, or the first one, with `training_file` as it will be."""

    def pages_of_rows(self, *, most_rows: int, most_bytes: int) -> Iterator[list[dict[str, Any]]]:
        """What the database keeps of conversations that are new, or that others are replaced by."""
