"""What the limits of trainers and services need to know of the rows of an export."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from training_files.domain.conversation.dialogues import Dialogue
from training_files.domain.conversation.enriched_file import TrainingPairModel
from training_files.domain.exports.splits import Split
from training_files.domain.tokens.estimate import Tokens, tokens_in

# Amazon's guide reserves these as they are spelled here; its dataset validator refuses some in any upper or lower case.
RESERVED_BY_NOVA = ("User:", "Bot:", "Assistant:", "System:", "[EOS]", "<image>", "<video>")
REFUSED_BY_NOVA_VALIDATOR = ("user:", "bot:", "assistant:", "system:", "<unk>")
RESERVED_BY_CLAUDE = ("\nHuman:", "\nAssistant:")
# What a chat template puts around a message: in ChatML <|im_start|>, the role, a line end, <|im_end|> and a line end;
# in Llama 3 the role between two tokens of a header, an empty line and <|eot_id|>; fewer in others.
TEMPLATE_TOKENS = 5
BYTES_PER_TOKEN = 4
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
    tokens: Tokens
    """By estimate: of its texts, and of what a chat template puts around its messages and its system prompt."""
    has_rough_tokens: bool = False
    """Whether they are those of `rough_tokens`."""
    turns_of_marks: tuple[tuple[str, int], ...] = ()
    """In which turn each stands first, by its name, as far as that is known."""

    def turn_of(self, mark: str) -> int:
        """The turn in which a mark stands; that of the row where nobody knows."""
        return dict(self.turns_of_marks).get(mark, self.turn)


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
    tokens_of: Callable[[str], Tokens] = tokens_in,
    turns_of: Callable[[], Mapping[str, int]] = dict,
) -> RowFacts:
    """`marks_of` and `tokens_of` may know those of a text already: turns repeat each other's texts.

    `turns_of` gives the turns in which texts are said first; few rows have a mark, so it is called only for these.
    """
    system = [] if dialogue.system is None else [dialogue.system]
    texts = [*system, *(message.content for message in dialogue.messages)]
    text_of_mark: dict[str, str] = {}
    for text in texts:
        text_of_mark.update((mark, text) for mark in marks_of(text) if mark not in text_of_mark)
    turns = turns_of() if text_of_mark else {}
    return RowFacts(
        conversation_id=dialogue.conversation_id,
        turn=dialogue.turn,
        split=split,
        characters=sum(map(len, texts)),
        bytes=line_bytes,
        messages=len(dialogue.messages),
        has_system=dialogue.system is not None,
        marks=frozenset(text_of_mark),
        tokens=Tokens.total([*map(tokens_of, texts), Tokens.same(TEMPLATE_TOKENS * len(texts))]),
        turns_of_marks=tuple((mark, turns[text]) for mark, text in sorted(text_of_mark.items()) if text in turns),
    )


def rough_tokens(line_bytes: int) -> Tokens:
    """Of a row of which only the bytes of its line are known: a quarter of them, rather too many than too few.

    A token is about four letters of Latin script, and in scripts of three bytes a character somewhat more than one
    character.
    """
    return Tokens.same(-(-line_bytes // BYTES_PER_TOKEN))


def turns_of_texts(pairs: Sequence[TrainingPairModel]) -> dict[str, int]:
    """The turn in which each text is said first; `pairs` in the order of their turns."""
    turns: dict[str, int] = {}
    for pair in pairs:
        prompt, history = pair.system_prompt, pair.conversation_history or ()
        said = (prompt, prompt and prompt.strip(), *(each.content for each in history), pair.current_user_input)
        for text in (*said, pair.target_response):
            if text:
                turns.setdefault(text, pair.turn_number)
    return turns
