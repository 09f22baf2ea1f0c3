"""The page put together, and the policy that keeps it from asking anyone for anything."""

import base64
import hashlib
from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from typing import Any

from training_files.api.report.page.balance import balance
from training_files.api.report.page.checklist import checklist, head, not_analysed
from training_files.api.report.page.coverage import coverage
from training_files.api.report.page.dialogue import sample
from training_files.api.report.page.distributions import lengths, scores
from training_files.api.report.page.findings import duplicates, health, sources
from training_files.api.report.page.markup import Content, Html, tag
from training_files.api.report.page.readiness import readiness
from training_files.api.report.page.words import size

Json = dict[str, Any]

SECTIONS: tuple[tuple[str, str, Callable[[Json], Content]], ...] = (
    ("checklist", "Checklist", checklist),
    ("balance", "Balance", balance),
    ("coverage", "Coverage", coverage),
    ("scores", "Scores", scores),
    ("lengths", "Lengths", lengths),
    ("readiness", "Readiness", readiness),
    ("health", "Text health", health),
    ("duplicates", "Duplicates", duplicates),
    ("sources", "Sources", sources),
    ("sample", "Spot check", sample),
)


def page(report: Json) -> str:
    """The whole page. Every text of the report stands in it escaped."""
    title = f"{report['training_file']['name']} \u2013 quality report"
    sections = [_section(section_id, name, part(report)) for section_id, name, part in SECTIONS]
    document = tag(
        "html",
        tag(
            "head",
            tag("meta", charset="utf-8"),
            tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            tag("meta", http_equiv="Content-Security-Policy", content=policy()),
            tag("meta", name="color-scheme", content="light dark"),
            tag("meta", name="referrer", content="no-referrer"),
            tag("title", title),
            tag("link", rel="icon", href="data:,"),
            tag("style", Html(style())),
        ),
        tag(
            "body",
            tag("a", "To the checklist", class_="skip", href="#checklist"),
            head(report),
            _navigation(),
            tag("main", not_analysed(report), sections),
            _foot(report),
        ),
        lang="en",
    )
    return f"<!doctype html>\n{document}\n"


@lru_cache(maxsize=1)
def policy() -> str:
    """The page's own style sheet, and nothing else from anywhere."""
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"


@lru_cache(maxsize=1)
def style() -> str:
    return (files("training_files.api.report.page") / "style.css").read_text(encoding="utf-8")


def _section(section_id: str, name: str, content: Content) -> Html:
    heading = f"{section_id}-heading"
    return tag("section", tag("h2", name, id=heading), content, id=section_id, aria_labelledby=heading)


def _navigation() -> Html:
    links = [tag("li", tag("a", name, href=f"#{section_id}")) for section_id, name, _ in SECTIONS]
    return tag("nav", tag("ul", links), aria_label="Sections")


def _foot(report: Json) -> Html:
    objects, file = report["objects"], report["training_file"]
    read = size(objects["json"]["read_bytes"] + objects["jsonl"]["read_bytes"])
    how = "both files were read completely"
    if objects["checked"] == "samples":
        how = "the ends and the sampled stretches of both files were read"
    return tag(
        "footer",
        tag("p", f"For this report {how} ({read})."),
        tag("p", "Training file ", tag("code", file["id"]), ". This page works offline and asks nothing of anyone."),
    )
