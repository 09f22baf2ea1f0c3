"""Text health: what in the texts of a conversation would teach a model something unwanted.

A finding names its rule and its place and never repeats the text.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import get_args

from training_files.domain.conversation.dialogues import Mapped, in_turn_order, mapped
from training_files.domain.conversation.enriched_file import TrainingPairModel
from training_files.domain.conversation.granularity import Granularity
from training_files.domain.health.answers import found_in_answers
from training_files.domain.health.findings import Finding
from training_files.domain.health.personal_data import kinds_of_personal_data
from training_files.domain.health.text_rules import Sign, signs_in, signs_in_metadata
from training_files.domain.health.texts import Text, metadata_of, texts_of
from training_files.domain.health.whole_conversation import found_in_whole

GRANULARITIES: tuple[Granularity, ...] = get_args(Granularity)
# No datum of a person goes on behind it.
BETWEEN_TEXTS = "\n\0\n"


def mappings_of(conversation_id: str, pairs: Sequence[TrainingPairModel]) -> dict[Granularity, Mapped]:
    return {granularity: mapped(conversation_id, pairs, granularity) for granularity in GRANULARITIES}


def findings_of(
    conversation_id: str,
    pairs: Sequence[TrainingPairModel],
    mappings: Mapping[Granularity, Mapped] | None = None,
    consultant: str | None = None,
) -> list[Finding]:
    """What is found in one conversation, turn by turn.

    `mappings` are `mappings_of` it, where they are known; `consultant` is the name in its profile.
    """
    mappings = mappings or mappings_of(conversation_id, pairs)
    in_order = in_turn_order(pairs)
    findings = [
        *_found_in_texts(conversation_id, list(texts_of(in_order))),
        *_found_in_metadata(conversation_id, in_order),
        *found_in_answers(conversation_id, in_order, consultant),
        *found_in_whole(conversation_id, in_order, mappings),
    ]
    return sorted(findings, key=lambda finding: -1 if finding.turn is None else finding.turn)


def _found_in_texts(conversation_id: str, texts: Sequence[Text]) -> Iterator[Finding]:
    # Most conversations have no personal data, and one long text takes less time than many short ones.
    may_have_personal_data = bool(kinds_of_personal_data(BETWEEN_TEXTS.join(text.content for text in texts)))
    found_before: dict[tuple[str, str], list[Sign]] = {}
    for text in texts:
        key = text.place, text.content
        if key not in found_before:
            found_before[key] = list(signs_in(text, may_have_personal_data=may_have_personal_data))
        yield from (_finding(conversation_id, text, sign) for sign in found_before[key])


def _found_in_metadata(conversation_id: str, pairs: Sequence[TrainingPairModel]) -> Iterator[Finding]:
    for text in metadata_of(pairs):
        yield from (_finding(conversation_id, text, sign) for sign in signs_in_metadata(text))


def _finding(conversation_id: str, text: Text, sign: Sign) -> Finding:
    message = f"the {text.place} {sign.message}"
    return Finding(sign.rule, sign.severity, conversation_id, text.turn, text.field, sign.offset, message)
