"""The sample as dialogues: what the user said last, and what a model is to learn to answer."""

from typing import Any

from training_files.api.report.page.markup import Content, Html, tag
from training_files.api.report.page.words import MIDDLE_DOT, code, number, plural, words

Json = dict[str, Any]

SPEAKERS = {"user": "User", "assistant": "Assistant"}
SCAFFOLDING = {"persona": "Persona", "emotional_arc": "Arc", "training_topic": "Topic"}


def sample(report: Json) -> Html:
    pairs = report["sample"]["pairs"]
    if not pairs:
        return tag("p", "There is no pair to read.", class_="quiet")
    how = f"Chosen with seed {report['sample']['seed']}; another seed= in the address chooses others."
    dialogues = [_dialogue(place, pair) for place, pair in enumerate(pairs, 1)]
    return tag("div", tag("p", how, class_="quiet"), tag("div", dialogues, class_="dialogues"))


def _dialogue(place: int, pair: Json) -> Html:
    judged = "not scored" if pair["score"] is None else f"score {number(pair['score'])} of 5"
    told = [f"turn {pair['turn']}", judged, *(["reviewed by a person"] if pair["human_reviewed"] else [])]
    return tag(
        "article",
        tag("h3", f"Pair {place}", tag("small", MIDDLE_DOT, MIDDLE_DOT.join(told))),
        tag("p", [_chip(name, pair[key]) for key, name in SCAFFOLDING.items()], class_="chips"),
        _earlier(pair),
        tag(
            "ol", [_bubble(each["role"], each) for each in pair["messages"]], _target(pair["target"]), class_="bubbles"
        ),
        tag("p", "Conversation ", code(pair["conversation_id"]), class_="quiet"),
        class_="dialogue card",
    )


def _chip(name: str, found: Json) -> Content:
    label = found["name"] or (words(found["key"]) if found["key"] else None)
    return tag("span", tag("small", name), " ", tag("span", label, dir="auto"), class_="chip") if label else None


def _earlier(pair: Json) -> Html | None:
    prompt, earlier = pair["system_prompt"], pair["earlier_messages"]
    if prompt is None:
        return tag("p", f"After {plural(earlier, 'message')}.", class_="quiet") if earlier else None
    summary = "System prompt" + (f", and {plural(earlier, 'message')} before" if earlier else "")
    return tag("details", tag("summary", summary), tag("p", _text(prompt), class_="prompt", dir="auto"))


def _bubble(role: str, text: Json, *, label: str | None = None, kind: str | None = None) -> Html:
    speaker = label or SPEAKERS.get(role, role)
    side = kind or ("user" if role == "user" else "assistant")
    return tag(
        "li", tag("span", speaker, class_="speaker"), tag("div", _text(text), dir="auto", class_="said"), class_=side
    )


def _target(text: Json) -> Html:
    return _bubble("assistant", text, label="Target: what the model learns to say", kind="assistant target")


def _text(text: Json) -> list[Content]:
    cut = text["cut_characters"]
    return [text["content"], tag("em", f" … {cut:,} characters more") if cut else None]
