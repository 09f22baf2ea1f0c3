"""The split that a request comes to: its seed is a number, or the best one for the conversations of the revision."""

from collections.abc import Iterable

from training_files.domain.conversation.content import content_sha256
from training_files.domain.conversation.dialogues import mapped
from training_files.domain.conversation.signature import signature_of
from training_files.domain.exports.composition import Composition
from training_files.domain.exports.export import ExportRequest, ExportSplit
from training_files.domain.exports.groups import Groups
from training_files.domain.exports.splits import SplitRequest
from training_files.domain.training_file.stored_file import StoredConversation


def split_of(request: ExportRequest, conversations: Iterable[StoredConversation]) -> SplitRequest | None:
    """`conversations` are those of the revision, in file order. They are read only where the best seed is asked for.

    The same conversations have the same best seed. Raises StoredFileInvalidError.
    """
    split = request.split
    if split is None:
        return None
    return seeded(split, _composition(request, conversations) if split.seed == "best" else Composition())


def seeded(split: ExportSplit, composition: Composition) -> SplitRequest:
    """What a split comes to; `composition` of all conversations is needed only where the best seed is asked for."""
    if split.seed != "best":
        return SplitRequest(split.validation, split.test, split.seed)
    return composition.best(SplitRequest(split.validation, split.test))


def _composition(request: ExportRequest, conversations: Iterable[StoredConversation]) -> Composition:
    groups, composition = Groups(), Composition()
    for conversation in conversations:
        conversation_id, pairs = conversation.conversation_id, conversation.pairs
        member = groups.add(conversation_id, content_sha256(pairs), signature_of(pairs))
        if mapped(conversation_id, pairs, request.granularity).dialogues:
            composition.add(member.leader, conversation.scaffolding)
    return composition
