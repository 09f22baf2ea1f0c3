"""From training pairs to dialogues: messages in their order, each said once, ready for any export format.

Pairs repeat the conversation before them. In real data an odd turn is the client's and has no target; the next, even
turn has the same `current_user_input`, a history that already ends with it, and a target. In simpler data every pair
has a target, and its history ends before its `current_user_input`. Both become the same dialogues. A history may call
its roles by other names, and may begin with the system prompt.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from training_files.domain.conversation.enriched_file import TrainingPairModel
from training_files.domain.conversation.granularity import Granularity
from training_files.domain.conversation.roles import SYSTEM, Role, role_meant
from training_files.domain.text import is_blank

LeftOutReason = Literal["no_target", "no_trainable_pair", "role_order", "empty_message"]

# The role that is meant and a text as a file states it: any text, in any order, until they are checked.
Said = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Message:
    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Dialogue:
    """User and assistant in turns, beginning with the user and ending with a target; no message is blank."""

    conversation_id: str
    turn: int
    """The turn of the pair that it ends with."""
    pair_ids: tuple[str, ...]
    """The pairs whose targets are in it as targets."""
    turns: tuple[int, ...]
    """Their turns."""
    system: str | None
    messages: tuple[Message, ...]
    targets: tuple[int, ...]
    """Where in `messages` those targets are. Other messages of the assistant are context."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A pair, or a whole conversation (`turn` None when no single turn is to blame), that is in no dialogue."""

    conversation_id: str
    turn: int | None
    reason: LeftOutReason
    role: str | None = None
    """Of `role_order`: whose message stands where another one's belongs."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """The dialogues of one conversation, what is in none of them, and the turns whose history is another one."""

    dialogues: tuple[Dialogue, ...]
    left_out: tuple[LeftOut, ...]
    history_mismatches: tuple[int, ...]


@dataclass(slots=True)
class Walk:
    """What pairs say when each repeated message is taken once."""

    said: list[Said] = field(default_factory=list)
    targets: list[int] = field(default_factory=list)
    mismatches: list[int] = field(default_factory=list)


def mapped(conversation_id: str, pairs: Sequence[TrainingPairModel], granularity: Granularity) -> Mapped:
    """One dialogue for the whole conversation, up to its last target; or one for each trainable pair.

    A pair without a target is named as left out where no row says what it says: a user's text that no answer follows.
    A dialogue that is out of order, or has a blank message, is left out whole.
    """
    in_order = in_turn_order(pairs)
    trainable = [pair for pair in in_order if pair.trainable]
    walk = walked(trainable)
    left_out = [LeftOut(conversation_id, turn, "no_target") for turn in _unanswered(in_order, walk)]
    if not trainable:
        return Mapped((), (*left_out, LeftOut(conversation_id, None, "no_trainable_pair")), ())
    if granularity == "conversation":
        outcomes = [_outcome(conversation_id, trainable, walk.said, walk.targets)]
    else:
        outcomes = [_outcome_of_one(conversation_id, pair) for pair in trainable]
    return Mapped(
        tuple(outcome for outcome in outcomes if isinstance(outcome, Dialogue)),
        (*left_out, *(outcome for outcome in outcomes if isinstance(outcome, LeftOut))),
        tuple(walk.mismatches),
    )


def _unanswered(pairs: Sequence[TrainingPairModel], walk: Walk) -> Iterator[int]:
    """The turns whose user's text is in no context of a target; behind the last target none is, whatever it says."""
    said = set(walk.said)
    last = max((pair.turn_number for pair in pairs if pair.trainable), default=-1)
    for pair in pairs:
        text = pair.current_user_input
        is_said = pair.turn_number < last and ("user", text or "") in said
        if not pair.trainable and text and not is_blank(text) and not is_said:
            yield pair.turn_number


def in_turn_order(pairs: Sequence[TrainingPairModel]) -> list[TrainingPairModel]:
    return sorted(pairs, key=lambda pair: pair.turn_number)


def walked(pairs: Sequence[TrainingPairModel]) -> Walk:
    """Goes through pairs, in the order of their turns, and takes from each what it says first.

    Where a context repeats something else than was said, the targets are what was said.
    """
    walk = Walk()
    for pair in pairs:
        new, agrees = _behind(walk.said, _context(pair))
        if not agrees:
            walk.mismatches.append(pair.turn_number)
        walk.said += new
        if pair.target_response:
            walk.targets.append(len(walk.said))
            walk.said.append(("assistant", pair.target_response))
    return walk


def system_prompt_of(pair: TrainingPairModel) -> str | None:
    """The pair's own, or else the one that its history begins with; None where it is blank."""
    return _text(pair.system_prompt) or system_prompt_in_history(pair)


def system_prompt_in_history(pair: TrainingPairModel) -> str | None:
    """The message that a history begins with where that is a system message; None where it is blank."""
    history = pair.conversation_history
    return _text(history[0].content) if history and role_meant(history[0].role) == SYSTEM else None


def history_of(pair: TrainingPairModel) -> list[Said]:
    """The history without the system prompt that it may begin with."""
    history = [(role_meant(turn.role), turn.content) for turn in pair.conversation_history or ()]
    return history[1:] if history and history[0][0] == SYSTEM else history


def _context(pair: TrainingPairModel) -> list[Said]:
    """What was said before the target: the history, then the user's text unless the history ends with it."""
    context = history_of(pair)
    user_text = pair.current_user_input
    if user_text is None or (context and context[-1] == ("user", user_text)):
        return context
    if is_blank(user_text) and context and context[-1][0] == "user":
        # The history has the user's text; an empty field beside it says nothing.
        return context
    return [*context, ("user", user_text)]


def _behind(said: list[Said], context: list[Said]) -> tuple[list[Said], bool]:
    """What a context says behind all that was said, and whether it repeats that word for word.

    A context in which only the assistant's words differ still has its place; of any other, only the user's last words
    are new for certain.
    """
    behind = context[len(said) :]
    if behind and context[: len(said)] == said:
        return behind, True
    if behind and all(map(_as_good_as, said, context)):
        return behind, False
    return [message for message in context[-1:] if message[0] == "user"], False


def _as_good_as(one: Said, other: Said) -> bool:
    return one == other or one[0] == other[0] == "assistant"


def _outcome_of_one(conversation_id: str, pair: TrainingPairModel) -> Dialogue | LeftOut:
    context = _context(pair)
    said = [*context, ("assistant", pair.target_response or "")]
    return _outcome(conversation_id, [pair], said, [len(context)])


def _outcome(
    conversation_id: str, pairs: Sequence[TrainingPairModel], said: Sequence[Said], targets: Sequence[int]
) -> Dialogue | LeftOut:
    """A dialogue that ends with the last pair's target, or why there is none and in which pair's messages."""
    messages: list[Message] = []
    for index, (role, content) in enumerate(said):
        expected: Role = "assistant" if index % 2 else "user"
        turn = pairs[bisect_left(targets, index)].turn_number
        if role != expected:
            return LeftOut(conversation_id, turn, "role_order", role)
        if is_blank(content):
            return LeftOut(conversation_id, turn, "empty_message")
        messages.append(Message(expected, content))
    return Dialogue(
        conversation_id=conversation_id,
        turn=pairs[-1].turn_number,
        pair_ids=tuple(pair.id for pair in pairs),
        turns=tuple(pair.turn_number for pair in pairs),
        system=system_prompt_of(pairs[-1]),
        messages=tuple(messages),
        targets=tuple(targets),
    )


def _text(value: str | None) -> str | None:
    return None if value is None or is_blank(value) else value
