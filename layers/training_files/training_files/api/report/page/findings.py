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
# More of them are scrolled.
ID_ROWS = 5


def health(report: Json) -> Html:
    found = report["health"]
    if not found["rules"]:
        return _all_clear("Nothing was found in the texts.")
    unhealthy = found["unhealthy_conversations"]
    sentence = f"{plural(found['findings_total'], 'finding')}; {plural(unhealthy, 'conversation')} with an error."
    return tag(
        "div",
        tag("p", sentence),
        _choice(found["rules"]),
        tag("div", [_rule(rule) for rule in found["rules"]], class_="rules"),
    )


def _choice(rules: list[Json]) -> Html:
    """Links that leave only one rule, by the style sheet, and unfold it; and one that brings back all."""
    links = [
        tag(
            "li",
            tag(
                "a",
                f"{words(rule['rule'])} ",
                tag("small", number(rule["count"])),
                href=f"#rule-{rule['rule']}-places",
                class_=f"choice {SEVERITIES[rule['severity']][0]}",
            ),
        )
        for rule in rules
    ]
    every = tag("li", tag("a", "all rules", href="#health", class_="choice"))
    return tag("ul", every, links, class_="choices", aria_label="Show one rule")


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
    all_of_them = code(f"GET /api/training-files/{{id}}/findings?rule={rule['rule']}")
    more = tag("li", f"and {rest:,} more: ", all_of_them) if rest > 0 else None
    rule_id = f"rule-{rule['rule']}"
    return tag(
        "details",
        summary,
        tag("ul", places, more, class_="places", id=f"{rule_id}-places"),
        _conversations(rule, f"{rule_id}-ids"),
        class_="rule",
        id=rule_id,
    )


def _conversations(rule: Json, box_id: str) -> Content:
    """Their ids in a box from which they can be copied as they stand there."""
    ids = rule["conversation_ids"]
    if not ids:
        return None
    # Of those of which an older version kept only their number, no id is known.
    which = "its" if rule["conversations"] == 1 else "their"
    first = f", the first {len(ids):,}" if rule["conversations"] > len(ids) else ""
    label = f"{plural(rule['conversations'], 'conversation')}, by {which} conversation_id{first}:"
    rows = min(len(ids), ID_ROWS)
    return tag(
        "div",
        tag("label", label, for_=box_id, class_="quiet"),
        tag("textarea", "\n".join(ids), id=box_id, readonly=True, rows=rows, spellcheck="false", autocomplete="off"),
        class_="copy",
    )


def _place(place: Json) -> list[Content]:
    where: list[Content] = []
    if place["conversation_id"]:
        turn = f", turn {place['turn']}" if place["turn"] is not None else ""
        where = [tag("small", code(place["conversation_id"]), turn, *_in_field(place))]
    return [f"{place['message'][:1].upper()}{place['message'][1:]}. ", *where, _excerpt(place["excerpt"])]


def _excerpt(excerpt: Json | None) -> Html | None:
    if excerpt is None:
        return None
    return tag(
        "p",
        "\u2026" if excerpt["characters_before"] else None,
        excerpt["before"],
        tag("mark", excerpt["marked"]),
        excerpt["after"],
        "\u2026" if excerpt["characters_after"] else None,
        class_="excerpt",
        dir="auto",
    )


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
    redundant = plural(found["conversations"], "conversation")
    return tag(
        "div",
        tag("p", sign("warn"), f"{redundant} could go without a word being lost: POST …/remove-conversations."),
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
