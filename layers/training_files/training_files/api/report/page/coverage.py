"""Coverage: which emotional arcs the personas have, in one matrix; and the training topics."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from training_files.api.report.page.markup import Html, tag
from training_files.api.report.page.words import number, plural, words

Json = dict[str, Any]
# An emotional arc and a persona.
Counts = Mapping[tuple[str, str], int]

# More columns have no room for their names beside each other.
PERSONAS_SHOWN = 8
ARCS_SHOWN = 16
# A matrix for each topic is read only where there are few, and fits on a phone only if it is small.
MOST_SMALL, MOST_SMALL_PERSONAS, MOST_SMALL_ARCS = 6, 4, 6
LEAST_IN_SMALL = 2
TOPICS_SHOWN = 12
GAPS_SHOWN = 12
LEVELS = 5


def coverage(report: Json) -> Html:
    """Arcs down, personas across; then the topics. What is missing is a gap to fill."""
    tables = report["cross_tables"]
    arcs, personas = _keys(report, "emotional_arcs"), _keys(report, "personas")
    if not tables["arcs_by_personas"]:
        return tag("p", "No conversation says both its persona and its emotional arc.", class_="quiet")
    counts = {(cell["emotional_arc"], cell["persona"]): cell["conversations"] for cell in tables["arcs_by_personas"]}
    highest = max(counts.values())
    shown = _matrix("Emotional arcs by personas", arcs[:ARCS_SHOWN], personas[:PERSONAS_SHOWN], counts, highest)
    return tag(
        "div",
        tag("p", _summary(len(counts), len(arcs) * len(personas))),
        tag("div", shown, class_="card"),
        _not_shown(arcs, personas),
        _topics(report, arcs, personas),
    )


def _keys(report: Json, aspect: str) -> list[str]:
    """The most frequent first."""
    return [each["key"] for each in report["balance"][aspect]["counts"]]


def _summary(filled: int, possible: int) -> list[Any]:
    return [
        tag("strong", f"{number(filled)} of {number(possible)}"),
        " combinations of emotional arc and persona have a conversation.",
    ]


def _matrix(
    title: str, arcs: Sequence[str], personas: Sequence[str], counts: Counts, highest: int, *, size: str = "large"
) -> Html:
    """A table with its roles: on a phone its rows are blocks, and a browser would forget what it was."""
    names = [tag("th", words(each), scope="col", role="columnheader", dir="auto") for each in personas]
    header = tag("tr", tag("td", role="cell"), names, role="row")
    rows = [
        tag(
            "tr",
            tag("th", words(arc), scope="row", role="rowheader", dir="auto"),
            [_cell(persona, counts.get((arc, persona), 0), highest) for persona in personas],
            role="row",
        )
        for arc in arcs
    ]
    return tag(
        "table",
        tag("caption", tag("span", title, dir="auto"), " ", tag("small", plural(sum(counts.values()), "conversation"))),
        tag("thead", header, role="rowgroup"),
        tag("tbody", rows, role="rowgroup"),
        role="table",
        class_=f"heat {size}",
    )


def _cell(persona: str, count: int, highest: int) -> Html:
    level = f"level-{1 + (count - 1) * (LEVELS - 1) // max(highest - 1, 1)}" if count else "gap"
    return tag("td", number(count) if count else "gap", class_=level, role="cell", data_label=words(persona))


def _not_shown(arcs: Sequence[str], personas: Sequence[str]) -> Html | None:
    more = [
        plural(len(keys) - limit, noun)
        for keys, limit, noun in ((arcs, ARCS_SHOWN, "emotional arc"), (personas, PERSONAS_SHOWN, "persona"))
        if len(keys) > limit
    ]
    text = f"Not shown, because rarer: {' and '.join(more)}. The JSON of this report has them."
    return tag("p", text, class_="quiet") if more else None


def _topics(report: Json, arcs: Sequence[str], personas: Sequence[str]) -> Html | None:
    topics = report["balance"]["training_topics"]
    if topics["keys"] < 2:
        return None
    fit = topics["keys"] <= MOST_SMALL and len(personas) <= MOST_SMALL_PERSONAS and len(arcs) <= MOST_SMALL_ARCS
    conversations = sum(each["conversations"] for each in topics["counts"])
    if fit and conversations >= LEAST_IN_SMALL * topics["keys"]:
        return _small_multiples(report["cross_tables"], _keys(report, "training_topics"), arcs, personas)
    return _rarest(topics)


def _small_multiples(tables: Json, topics: Sequence[str], arcs: Sequence[str], personas: Sequence[str]) -> Html:
    counts: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    for cell in tables["cells"]:
        if cell["emotional_arc"] and cell["persona"]:
            counts[cell["training_topic"] or ""][cell["emotional_arc"], cell["persona"]] = cell["conversations"]
    # The same shade is the same number in each of them.
    highest = max((count for each in counts.values() for count in each.values()), default=1)
    small = [
        tag("div", _matrix(words(topic), arcs, personas, counts[topic], highest, size="small"), class_="card")
        for topic in topics
    ]
    return tag(
        "div",
        tag("h3", "By training topic", class_="parted"),
        tag("div", small, class_="grid maps"),
        _gaps(tables),
    )


def _rarest(topics: Json) -> Html | None:
    """The topics with the fewest conversations. Of more than a report has, nobody knows which these are."""
    counts, keys = topics["counts"], topics["keys"]
    if keys > len(counts):
        return None
    heading = tag("h3", "Training topics with the fewest conversations", class_="parted")
    fewest, most = counts[-1]["conversations"], counts[0]["conversations"]
    if fewest == most:
        return tag("div", heading, tag("p", f"Each of the {keys:,} topics has {plural(fewest, 'conversation')}."))
    named = [
        tag("li", tag("span", words(each["key"]), dir="auto"), " ", tag("small", number(each["conversations"])))
        for each in reversed(counts[-TOPICS_SHOWN:])
    ]
    as_few = sum(each["conversations"] == fewest for each in counts)
    text = f"{as_few:,} of {keys:,} have {plural(fewest, 'conversation')}; the most frequent one has {number(most)}."
    return tag("div", heading, tag("p", text), tag("ul", named, class_="topics"))


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
