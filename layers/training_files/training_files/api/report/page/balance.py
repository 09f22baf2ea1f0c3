"""Balance as bars."""

from typing import Any

from training_files.api.report.page.charts import share_bar
from training_files.api.report.page.markup import Html, tag
from training_files.api.report.page.words import number, percent, plural, words

Json = dict[str, Any]

KEYS_SHOWN = 12
TITLES = {"personas": "Personas", "emotional_arcs": "Emotional arcs", "training_topics": "Training topics"}


def balance(report: Json) -> Html:
    aspects = [_aspect(title, report["balance"][aspect]) for aspect, title in TITLES.items()]
    return tag("div", tag("div", aspects, class_="grid three"), tag("p", report["balance"]["rule"], class_="quiet"))


def _aspect(title: str, aspect: Json) -> Html:
    counts, keys = aspect["counts"], aspect["keys"]
    rest = keys - len(counts[:KEYS_SHOWN])
    notes = [f"{plural(rest, 'more key')}"] if rest else []
    if aspect["without_key"]:
        notes.append(f"{plural(aspect['without_key'], 'conversation')} without a key")
    return tag(
        "div",
        tag("h3", title),
        tag(
            "p",
            "Evenness ",
            tag("strong", number(aspect["evenness"]) if keys > 1 else "\u2013"),
            f" over {plural(keys, 'key')}",
            class_="quiet",
        ),
        tag("ul", [_bar_of(count, keys) for count in counts[:KEYS_SHOWN]], class_="bars") if counts else None,
        tag("p", "; ".join(notes) + ".", class_="quiet") if notes else None,
        class_="card",
    )


def _bar_of(count: Json, keys: int) -> Html:
    return tag(
        "li",
        tag("span", words(count["key"]), class_="name", dir="auto"),
        tag("span", f"{number(count['conversations'])} ", tag("small", f"({percent(count['share'])})"), class_="value"),
        share_bar(count["share"], 1 / keys if keys > 1 else None),
    )
