"""An example of an answer about two revisions, made by the very function that answers."""

from decimal import Decimal
from typing import Any

from training_files.api.diff.answers import diff_answer
from training_files.api.examples import CONVERSATION_IDS, FILE, REVISION
from training_files.domain.conversation.figures import ScoreTally
from training_files.domain.training_file.comparison import ChangedMember, Comparison, Difference
from training_files.domain.training_file.totals import Totals

BEFORE = Totals(
    conversation_count=1,
    total_training_pairs=6,
    trainable_pairs=3,
    human_reviewed_count=3,
    scores=ScoreTally(Decimal(27), 6, Decimal(4), Decimal(5)),
    personas={"anxious_planner": 1},
    emotional_arcs={"fear_to_confidence": 1},
    training_topics={"retirement": 1},
)
AFTER = Totals(
    conversation_count=FILE.conversation_count,
    total_training_pairs=FILE.total_training_pairs,
    trainable_pairs=FILE.trainable_pairs,
    human_reviewed_count=FILE.human_reviewed_count,
    scores=ScoreTally(Decimal(51), 12, Decimal("3.5"), Decimal(5)),
    **FILE.scaffolding_distribution,
)


def diff() -> Any:
    added = ChangedMember(kind="added", conversation_id=CONVERSATION_IDS[1], position=2)
    return diff_answer(
        Comparison(
            before=REVISION.model_copy(update={"totals": BEFORE.as_json()}),
            after=REVISION.model_copy(update={"number": 2, "totals": AFTER.as_json()}),
            difference=Difference(added=1, removed=0, replaced=0, moved=0, changes=(added,)),
            next_place=None,
        )
    )
