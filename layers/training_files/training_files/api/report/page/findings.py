"""What text health found, what is there twice, and which sources are others now."""

from typing import Any

from training_files.api.report.page.icons import SEVERITIES, badge, sign
from training_files.api.report.page.markup import Content, Html, tag
from training_files.api.report.page.words import code, number, plural, words

Json = dict[str, Any]

CHANGES = {
    "changed": "its enriched file is another one now",
    "file_missing": "its enriched file is gone",
    "row_gone": "the conversation is gone",
}
CHANGES_SHOWN = 20


def health(report: Json) -> Html:
    found = report["health"]
    if not found["rules"]:
        return _all_clear("Nothing was found in the texts.")
    unhealthy = found["unhealthy_conversations"]
    sentence = f"{plural(found['findings_total'], 'finding')}; {plural(unhealthy, 'conversation')} with an error."
    return tag("div", tag("p", sentence), [_rule(rule) for rule in found["rules"]])


def _rule(rule: Json) -> Html:
    kind, word = SEVERITIES[rule["severity"]]
    summary = tag(
        "summary",
        badge(kind, word),
        tag("span", words(rule["rule"]), class_="rule-name"),
        tag("span", f"{number(rule['count'])} in {plural(rule['conversations'], 'conversation')}", class_="rule-count"),
    )
    places = [tag("li", _place(place)) for place in rule["places"]]
    rest = rule["count"] - len(places)
    more = tag("li", f"and {rest:,} more") if rest > 0 else None
    return tag("details", summary, tag("ul", places, more, class_="places"), class_="rule", id=f"rule-{rule['rule']}")


def _place(place: Json) -> list[Content]:
    where: list[Content] = []
    if place["conversation_id"]:
        turn = f", turn {place['turn']}" if place["turn"] is not None else ""
        where = [tag("small", code(place["conversation_id"]), turn, *_in_field(place))]
    return [f"{place['message'][:1].upper()}{place['message'][1:]}. ", *where]


def _in_field(place: Json) -> list[Content]:
    """As people count: the first character is character 1."""
    if place["field"] is None:
        return []
    character = f", character {place['offset'] + 1:,}" if place["offset"] is not None else ""
    return [", ", code(place["field"]), character]


def duplicates(report: Json) -> Html:
    found = report["duplicates"]
    if not found["conversations"]:
        return _all_clear("No two conversations say the same, word for word.")
    groups = [
        tag("li", f"{number(group['conversations'])} that are the same: ", _ids(group["conversation_ids"]))
        for group in found["groups"]
    ]
    rest = found["groups_total"] - len(groups)
    return tag(
        "div",
        tag("p", sign("warn"), f"{plural(found['conversations'], 'conversation')} could go without a word being lost."),
        tag("ul", groups, tag("li", f"and {plural(rest, 'group')} more") if rest else None, class_="places"),
    )


def sources(report: Json) -> Html:
    found = report["sources"]
    unread = found["not_checked"]
    note = (
        f" {plural(unread, 'file')} written since, or just before, not compared: too many for one report."
        if unread
        else ""
    )
    if not found["changed"]:
        return _all_clear(f"No source is known to have changed since it was added.{note}")
    shown = found["conversations"][:CHANGES_SHOWN]
    rows = [tag("li", code(each["conversation_id"]), f": {CHANGES[each['change']]}") for each in shown]
    rest = found["changed"] - len(shown)
    return tag(
        "div",
        tag("p", sign("warn"), f"{plural(found['changed'], 'source')} changed since the conversation was added.{note}"),
        tag("ul", rows, tag("li", f"and {rest:,} more") if rest else None, class_="ids"),
    )


def _ids(ids: list[str]) -> list[Content]:
    return [part for each in ids for part in (code(each), " ")]


def _all_clear(text: str) -> Html:
    return tag("p", sign("pass"), tag("span", text), class_="clear")
