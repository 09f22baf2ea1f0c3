"""What a target shows beside the text that it answers, and beside the names of those who talk."""

from collections.abc import Iterable, Iterator, Sequence

from training_files.domain.conversation.enriched_file import TrainingPairModel
from training_files.domain.conversation.roles import role_meant
from training_files.domain.health.echo import echoes_in
from training_files.domain.health.findings import SEVERITIES, Finding, Rule
from training_files.domain.health.language_switch import language_switches_in, names_a_language
from training_files.domain.health.speaker_labels import names_of_speakers, speaker_labels_in
from training_files.domain.text import is_blank


def found_in_answers(
    conversation_id: str, pairs: Sequence[TrainingPairModel], consultant: str | None
) -> Iterator[Finding]:
    """`pairs` come in the order of their turns; `consultant` is the name in the profile."""
    names = names_of_speakers(consultant, _client_persona(pairs))
    said: set[str] = set()
    for pair in pairs:
        said.update(_in_front_of_target(pair))
        target = pair.target_response or ""
        asked = _asked_in(pair)
        found: dict[Rule, Iterator[tuple[int, str]]] = {
            "speaker_label": speaker_labels_in(target, names),
            "echo": echoes_in(target, asked),
            "language_switch": _not_asked_for(language_switches_in(target, asked), said),
        }
        for rule, places in found.items():
            for offset, message in list(places)[:1]:
                where = pair.turn_number, "target_response", offset
                yield Finding(rule, SEVERITIES[rule], conversation_id, *where, f"the target {message}")


def _not_asked_for(switches: Iterator[tuple[int, str]], said: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Whoever has asked for another language once gets it from then on. To look for that takes long, and is rare."""
    for switch in switches:
        if not any(map(names_a_language, said)):
            yield switch


def _client_persona(pairs: Sequence[TrainingPairModel]) -> str | None:
    """Of the first pair that names one."""
    personas = ((pair.conversation_metadata or {}).get("client_persona") for pair in pairs)
    return next((persona for persona in personas if isinstance(persona, str)), None)


def _in_front_of_target(pair: TrainingPairModel) -> Iterator[str]:
    yield pair.system_prompt or ""
    yield pair.current_user_input or ""
    yield from (
        message.content for message in pair.conversation_history or [] if role_meant(message.role) != "assistant"
    )


def _asked_in(pair: TrainingPairModel) -> str:
    """The user's text that the target answers: the pair's own, or else the end of its history."""
    if pair.current_user_input and not is_blank(pair.current_user_input):
        return pair.current_user_input
    history = pair.conversation_history or []
    return history[-1].content if history and role_meant(history[-1].role) == "user" else ""
