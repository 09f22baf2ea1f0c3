# ruff: noqa: RUF001 - The signs of other scripts look like ours.
"""A line that begins with the name of someone of the conversation, as in a script, is told from other lines."""

import pytest

from tests.support.bounded import bounded_cpu_time
from training_files.domain.health.speaker_labels import names_of_speakers, speaker_labels_in

NAMES = names_of_speakers("Elena Morales, CFP", "Ana Ruiz - The Anxious Planner")
BEGIN = "Thank you for telling me.\n"

LABELS = {
    "consultant": ("Elena: Thank you for telling me.", 0),
    "full name": ("Elena Morales: Thank you for telling me.", 0),
    "client": (f"{BEGIN}Ana: And then?", len(BEGIN)),
    "capitals": ("ELENA: Thank you for telling me.", 0),
    "bold": (f"{BEGIN}**Ana:** And then?", len(BEGIN)),
    "bold before the colon": (f"{BEGIN}**Ana**: And then?", len(BEGIN)),
    "in brackets": (f"{BEGIN}[Ana]: And then?", len(BEGIN)),
    "heading": (f"{BEGIN}### Elena:\nYes.", len(BEGIN)),
    "quoted line": (f"{BEGIN}> Elena: Yes.", len(BEGIN)),
    "white space": ("  Elena : Yes.", 0),
    "wide colon": ("Elena：好的。", 0),
    "sentence in small letters": (f"{BEGIN}Ana: ok, and what do i do then?", len(BEGIN)),
    "words without a full stop": (f"{BEGIN}Ana: Thank you", len(BEGIN)),
    "script without full stops": (f"{BEGIN}Ana: I am afraid.\nElena: So was I once", len(BEGIN)),
    "script": (f"{BEGIN}\nAna: And then?\nElena: Yes.", len(BEGIN) + 1),
}
CLEAN = {
    "sentences": "Ana, three months of expenses is a good first goal.",
    "name in a sentence": "Let me tell you this, Ana: it gets easier.",
    "name and more before a colon": "Ana and Luis: you both did well.",
    "other name": "Luis: I will call.",
    "name within a name": "Anabel: I will call.\nHelena: I will too.",
    "name without a colon": "Ana\nElena",
    "figures": "What each of you owes:\n\nAna: $3,000\nLuis: 2,500",
    "figures in bold": "- **Ana:** $3,000\n- **Luis:** $2,500",
    "tasks": "Who does what:\n\nKim: collects the bills\nElena: calls the bank",
    "tasks in bold": "Who does what:\n\n**Kim:** collects the bills\n**Elena:** calls the bank.",
    "tasks with capitals": "Who does what:\n\nKim: Collects the bills\nElena: Calls the bank",
    "task of one": "Who does what:\n\nAna: calls the bank.",
    "salutation": "Dear Ana:\n\nYour plan is ready.",
    "in code": "```\nAna: hi\nElena: hello\n```\nThat is all.",
    "time": "At 10:30, Ana calls.",
    "link": "https://example.com/Ana: there",
    "small letters": "ana: and so on",
}

NAMED = {
    "first and full": ("Elena Morales, CFP", None, {"Elena", "Elena Morales"}),
    "persona": (None, "Ana - The Tester", {"Ana"}),
    "persona with an en dash": (None, "Marcus Chen – The Overwhelmed Avoider", {"Marcus", "Marcus Chen"}),
    "persona without its kind": (None, "Ana", {"Ana"}),
    "title": ("Dr. Elena Morales", None, {"Elena", "Elena Morales"}),
    "both": ("Elena", "Ana", {"Elena", "Ana"}),
    "name in brackets": ("Elena (Planner)", None, {"Elena"}),
    "double name": ("Jean-Luc O’Neill", None, {"Jean-Luc", "Jean-Luc O’Neill"}),
    "Chinese": ("王小明", None, {"王小明"}),
    "word that is a name too": ("Hope Summers", "Mark - The Saver", {"Hope Summers"}),
    "kind alone": (None, "The Anxious Planner", set()),
    "a single letter": ("E", None, set()),
    "nothing": ("", None, set()),
}

LONG = 200_000
SECONDS = 20


@pytest.mark.parametrize("name", LABELS)
def test_a_label_is_found_at_the_beginning_of_its_line(name: str) -> None:
    text, offset = LABELS[name]

    assert next(speaker_labels_in(text, NAMES))[0] == offset


@pytest.mark.parametrize("name", CLEAN)
def test_other_lines_are_left_alone(name: str) -> None:
    assert list(speaker_labels_in(CLEAN[name], NAMES)) == []


def test_without_names_there_are_no_labels() -> None:
    assert list(speaker_labels_in(LABELS["script"][0], frozenset())) == []


@pytest.mark.parametrize("name", NAMED)
def test_names_are_read_from_the_profile_and_from_the_persona(name: str) -> None:
    consultant, persona, names = NAMED[name]

    assert names_of_speakers(consultant, persona) == names


@pytest.mark.parametrize("unit", ["Ana", "Ana:", "Ana:\n", ":\n", "**", "\n", "> ", "Ana: a\n", "💡", "Ana: 💡"])
def test_the_time_for_a_hostile_text_grows_with_its_length(unit: str) -> None:
    text = unit * (LONG // len(unit))

    with bounded_cpu_time(SECONDS):
        list(speaker_labels_in(text, NAMES))
        names_of_speakers(text, text)
