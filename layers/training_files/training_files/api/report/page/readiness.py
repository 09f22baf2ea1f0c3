"""Which trainers and services would take the file, and why not."""

from typing import Any

from training_files.api.report.page.icons import badge
from training_files.api.report.page.markup import Content, Html, tag
from training_files.api.report.page.words import code, number

Json = dict[str, Any]

LEFT_OUT = {
    "no_target": "texts of users that no answer follows",
    "no_trainable_pair": "conversations without any target",
    "role_order": "rows in which user and assistant do not take turns",
    "empty_message": "rows with an empty message",
}


def readiness(report: Json) -> Html:
    found = report["readiness"]
    best = {each["target"]: each for each in found["best"]}
    ready = sum(each["ready"] for each in found["best"])
    columns = ("Target", "As messages", "In its best format", "What to know")
    rows = [_row(each, best[each["target"]]) for each in found["default"]]
    caption = tag("caption", "Readiness of each target, one row for each conversation, without a split")
    table = tag(
        "table",
        caption,
        tag(
            "thead",
            tag("tr", [tag("th", each, scope="col", role="columnheader") for each in columns], role="row"),
            role="rowgroup",
        ),
        tag("tbody", rows, role="rowgroup"),
        # On a phone each row is a block, and a browser would forget what it was.
        role="table",
        class_="targets",
    )
    return tag(
        "div",
        tag("p", tag("strong", f"{ready} of {len(best)} targets"), " would take an export of this file as it is."),
        table,
        _left_out(report["left_out"][found["granularity"]]),
    )


def _row(default: Json, best: Json) -> Html:
    return tag(
        "tr",
        tag("th", default["title"], scope="row", role="rowheader"),
        tag("td", _verdict(default), role="cell", data_label="As messages"),
        tag("td", _verdict(best), " ", code(best["format"]), role="cell", data_label="In its best format"),
        tag("td", _notes(best), role="cell", data_label="What to know"),
        role="row",
        id=f"target-{default['target']}",
    )


def _verdict(target: Json) -> Html:
    return badge("pass", "Ready") if target["ready"] else badge("fail", "Not ready")


def _notes(best: Json) -> Content:
    said = [*_about(best), *(_note(note) for note in (*best["broken"], *best["warnings"]))]
    if not said:
        return tag("span", "Nothing in the way", class_="quiet")
    return tag("ul", [tag("li", each) for each in said], class_="notes")


def _about(best: Json) -> list[Content]:
    """What is known of a target whatever the file is: that it is closing, or else which of its models are."""
    noted: list[Content] = [best["note"]] if "note" in best else []
    if "closing" in best:
        return [[tag("strong", "Closing: "), best["closing"]["message"]], *noted]
    ending: dict[tuple[str, str], list[str]] = {}
    for model in best.get("models", ()):
        if model["closed_from"]:
            ending.setdefault((model["closed_from"], model["ends"]), []).append(model["title"])
    told = [
        f"{', '.join(titles)}: no new jobs since {closed_from}, withdrawn on {ends}."
        for (closed_from, ends), titles in ending.items()
    ]
    return [*told, *noted]


def _note(note: Json) -> list[Content]:
    if not note["places"]:
        return [note["message"]]
    places = [tag("li", *_place(place)) for place in note["places"]]
    return [
        tag(
            "details",
            tag("summary", note["message"]),
            tag("p", f"{_limit(note)}. First places:", class_="quiet"),
            tag("ul", places, class_="ids"),
        )
    ]


def _limit(note: Json) -> str:
    """What allows nothing of a kind has no number that says more than its message."""
    return (
        f"Limit {number(note['limit'])} {note['unit']} ({note['source']})" if note["limit"] else f"By {note['source']}"
    )


def _place(place: Json) -> list[Content]:
    word = [": ", code(place["text"])] if "text" in place else []
    return [code(place["conversation_id"]), f", turn {place['turn']}", *word]


def _left_out(left_out: dict[str, int]) -> Html:
    if not left_out:
        return tag("p", "Nothing is left out of an export.", class_="quiet")
    named = [f"{LEFT_OUT.get(reason, reason)} ({number(count)})" for reason, count in left_out.items()]
    return tag(
        "p", f"Left out of an export, because nothing can be learned from it: {', '.join(named)}.", class_="quiet"
    )
