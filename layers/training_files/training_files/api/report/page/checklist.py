"""The head of the page, and the checklist as tiles."""

from typing import Any

from training_files.api.report.page.charts import ring
from training_files.api.report.page.icons import WORDS, badge, sign
from training_files.api.report.page.markup import Html, tag
from training_files.api.report.page.words import MIDDLE_DOT, number, plural, size

Json = dict[str, Any]

TOLD = {"pass": "passed", "warn": "with a warning", "fail": "failed"}
VERDICTS = {
    "pass": "Ready to be trained on",
    "warn": "Good enough to start, with something to improve",
    "fail": "Not ready yet",
}


def head(report: Json) -> Html:
    file, summary = report["training_file"], report["summary"]
    parts = [(status, summary[status]) for status in WORDS]
    counts = ", ".join(f"{count} {TOLD[status]}" for status, count in parts if count)
    subtitle = MIDDLE_DOT.join(
        [
            _revision(file),
            file["last_updated_at"][:10],
            *([file["target_model"]] if file["target_model"] else []),
        ]
    )
    return tag(
        "header",
        tag(
            "div",
            tag("p", "Quality report", class_="kicker"),
            tag("h1", file["name"], dir="auto"),
            tag("p", subtitle, class_="subtitle"),
            tag("p", file["description"], class_="description", dir="auto") if file["description"] else None,
            class_="title",
        ),
        tag(
            "div",
            ring(parts, f"{summary['pass']} of {sum(count for _, count in parts)} checks pass"),
            tag(
                "div",
                tag("p", sign(summary["status"]), tag("span", VERDICTS[summary["status"]]), class_="verdict"),
                tag("p", f"Checks: {counts}.", class_="quiet"),
            ),
            class_="verdict-box",
        ),
        _figures(report),
    )


def _revision(file: Json) -> str:
    tags = f" ({', '.join(file['tags'])})" if file["tags"] else ""
    return f"Revision {file['revision']} of {file['newest_revision']}{tags}"


def _figures(report: Json) -> Html:
    file, lengths, health = report["training_file"], report["lengths"]["conversation"], report["health"]
    figures = [
        (number(file["conversation_count"]), "conversations"),
        (number(file["trainable_pairs"]), f"trainable pairs of {number(file['total_training_pairs'])}"),
        (number(report["scores"]["average"]), "average score of 5"),
        (f"{number(report['reviewed']['percentage'])} %", "reviewed by people"),
        (
            number(health["errors"]["targets"]),
            f"targets with an error, {number(health['warnings']['targets'])} with a warning",
        ),
        (f"{number(lengths['total_tokens'])}", "tokens in one pass (estimate)"),
        (size(report["objects"]["jsonl"]["bytes"]), "of JSONL"),
    ]
    return tag("dl", [tag("div", tag("dt", name), tag("dd", figure)) for figure, name in figures], class_="figures")


def checklist(report: Json) -> Html:
    return tag("ul", [_tile(check) for check in report["checks"]], class_="tiles")


def _tile(check: Json) -> Html:
    status = check["status"]
    return tag(
        "li",
        tag("div", badge(status, WORDS[status]), class_="tile-top"),
        tag("h3", check["title"]),
        tag("p", tag("strong", number(check["figure"])), " ", tag("span", check["unit"]), class_="figure"),
        tag("p", _wanted(check["threshold"]), class_="wanted-text"),
        tag("p", check["hint"], class_="hint"),
        class_=f"tile {status}",
        id=f"check-{check['id']}",
    )


def _wanted(threshold: Json) -> str:
    least, low, high = threshold["minimum"], threshold["recommended_from"], threshold["recommended_to"]
    parts = [f"at least {number(least)}"] if least is not None else []
    if low is not None and high is not None:
        parts.append(f"{number(low)} to {number(high)} recommended")
    elif low is not None:
        parts.append(f"{number(low)} or more recommended")
    elif high is not None:
        parts.append("none" if high == 0 else f"at most {number(high)}")
    return "Wanted: " + ", ".join(parts)


def not_analysed(report: Json) -> Html | None:
    count = report["not_analysed"]
    if not count:
        return None
    verb = "was" if count == 1 else "were"
    text = (
        f"{plural(count, 'conversation')} {verb} added before training files kept an analysis. Lengths, scores by "
        "pair, text health and readiness leave them out; make the file again to have them counted."
    )
    return tag("p", sign("info"), tag("span", text), class_="note")
