"""Balance as bars, and coverage as a heat map for each topic."""

from collections import defaultdict
from typing import Any

from training_files.api.report.page.charts import share_bar
from training_files.api.report.page.markup import Html, tag
from training_files.api.report.page.words import number, percent, plural, words

Json = dict[str, Any]

KEYS_SHOWN = 12
TOPICS_SHOWN = 12
PERSONAS_SHOWN = 12
ARCS_SHOWN = 10
GAPS_SHOWN = 12
LEVELS = 5
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


def coverage(report: Json) -> Html:
    """Personas down, arcs across, a table for each topic; what is missing is a gap to fill."""
    tables = report["cross_tables"]
    if not tables["possible_cells"]:
        text = "Not every conversation says which persona, emotional arc and training topic it is about."
        return tag("p", text, class_="quiet")
    counts: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    for cell in tables["cells"]:
        counts[cell["training_topic"] or ""][cell["persona"] or "", cell["emotional_arc"] or ""] = cell["conversations"]
    personas, arcs = tables["personas"][:PERSONAS_SHOWN], tables["emotional_arcs"][:ARCS_SHOWN]
    topics = sorted(tables["training_topics"], key=lambda topic: -sum(counts[topic].values()))
    highest = max((cell["conversations"] for cell in tables["cells"]), default=1)
    maps = [_heat_map(topic, personas, arcs, counts[topic], highest) for topic in topics[:TOPICS_SHOWN]]
    return tag(
        "div",
        tag("p", _summary(tables)),
        tag("div", maps, class_="grid maps"),
        _not_shown(tables),
        _gaps(tables),
    )


def _summary(tables: Json) -> list[Any]:
    filled = tables["possible_cells"] - tables["empty_cells_total"]
    return [
        tag("strong", f"{number(filled)} of {number(tables['possible_cells'])}"),
        " combinations of persona, emotional arc and training topic have a conversation.",
    ]


def _heat_map(
    topic: str, personas: list[str], arcs: list[str], counts: dict[tuple[str, str], int], highest: int
) -> Html:
    header = tag("tr", tag("td"), [tag("th", words(arc), scope="col", dir="auto") for arc in arcs])
    rows = [
        tag(
            "tr",
            tag("th", words(persona), scope="row", dir="auto"),
            [_cell(counts.get((persona, arc), 0), highest) for arc in arcs],
        )
        for persona in personas
    ]
    total = sum(counts.values())
    caption = tag("caption", tag("span", words(topic), dir="auto"), " ", tag("small", plural(total, "conversation")))
    table = tag("table", caption, tag("thead", header), tag("tbody", rows), class_="heat")
    return tag("div", table, class_="scroll", tabindex=0, role="region", aria_label=f"Coverage of {words(topic)}")


def _cell(count: int, highest: int) -> Html:
    if not count:
        return tag("td", tag("span", "gap"), class_="gap")
    level = 1 + (count - 1) * (LEVELS - 1) // max(highest - 1, 1)
    return tag("td", number(count), class_=f"level-{level}")


def _not_shown(tables: Json) -> Html | None:
    limits = {"personas": PERSONAS_SHOWN, "emotional_arcs": ARCS_SHOWN, "training_topics": TOPICS_SHOWN}
    more = [
        f"{len(tables[aspect]) - limit:,} {TITLES[aspect].lower()}"
        for aspect, limit in limits.items()
        if len(tables[aspect]) > limit
    ]
    return (
        tag("p", f"Not shown: {', '.join(more)}. The JSON of this report has them.", class_="quiet") if more else None
    )


def _gaps(tables: Json) -> Html | None:
    gaps = tables["empty_cells"]
    if not gaps:
        return None
    named = [
        tag("li", ", ".join(words(gap[key]) for key in ("persona", "emotional_arc", "training_topic")), dir="auto")
        for gap in gaps[:GAPS_SHOWN]
    ]
    rest = tables["empty_cells_total"] - len(named)
    return tag(
        "details",
        tag("summary", f"{plural(tables['empty_cells_total'], 'gap')} to fill"),
        tag("ul", named, tag("li", f"and {rest:,} more") if rest else None, class_="gaps"),
    )
