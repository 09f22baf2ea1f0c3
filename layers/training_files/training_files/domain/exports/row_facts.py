"""What the limits of trainers and services need to know of the rows of an export."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from training_files.domain.conversation.dialogues import Dialogue
from training_files.domain.exports.lengths import estimated_tokens
from training_files.domain.exports.splits import Split

# Amazon's guide reserves these as they are spelled here; its dataset validator refuses some in any upper or lower case.
RESERVED_BY_NOVA = ("User:", "Bot:", "Assistant:", "System:", "[EOS]", "<image>", "<video>")
REFUSED_BY_NOVA_VALIDATOR = ("user:", "bot:", "assistant:", "system:", "<unk>")
RESERVED_BY_CLAUDE = ("\nHuman:", "\nAssistant:")
LONGEST_MARK = max(map(len, (*RESERVED_BY_NOVA, *REFUSED_BY_NOVA_VALIDATOR, *RESERVED_BY_CLAUDE)))


@dataclass(frozen=True, slots=True)
class RowFacts:
    """What the limits need to know of one row; its text is not kept."""

    conversation_id: str
    turn: int
    split: Split
    characters: int
    """Of all texts, the system prompt with them."""
    bytes: int
    """Of the line, its newline with it."""
    messages: int
    """Of user and assistant."""
    has_system: bool
    marks: frozenset[str]
    """The reserved words that stand in its texts; those in lower case, in any case but the reserved one."""

    @property
    def tokens(self) -> int:
        return estimated_tokens(self.characters)


def marks_in(text: str) -> frozenset[str]:
    """The reserved words in a text. It looks only where one can end: texts are long."""
    found = {mark for end in _colons_in(text) for mark in _marks_at(end)}
    if "<" in text or "[" in text:
        found.update(mark for mark in RESERVED_BY_NOVA if mark in text)
        found.update(mark for mark in REFUSED_BY_NOVA_VALIDATOR if mark.startswith("<") and mark in text.lower())
    return frozenset(found)


def _colons_in(text: str) -> Iterator[str]:
    """The last characters up to each colon, enough of them for any mark."""
    return (before[-LONGEST_MARK:] + ":" for before in text.split(":")[:-1])


def _marks_at(end: str) -> Iterator[str]:
    yield from (mark for mark in (*RESERVED_BY_NOVA, *RESERVED_BY_CLAUDE) if end.endswith(mark))
    if not end.endswith(RESERVED_BY_NOVA):
        yield from (mark for mark in REFUSED_BY_NOVA_VALIDATOR if end.lower().endswith(mark))


def facts_of(
    dialogue: Dialogue,
    *,
    split: Split,
    line_bytes: int,
    marks_of: Callable[[str], frozenset[str]] = marks_in,
) -> RowFacts:
    """`marks_of` may know the marks of a text already: turns repeat each other's texts."""
    texts = [dialogue.system or "", *(message.content for message in dialogue.messages)]
    return RowFacts(
        conversation_id=dialogue.conversation_id,
        turn=dialogue.turn,
        split=split,
        characters=sum(map(len, texts)),
        bytes=line_bytes,
        messages=len(dialogue.messages),
        has_system=dialogue.system is not None,
        marks=frozenset[str]().union(*map(marks_of, texts)),
    )
