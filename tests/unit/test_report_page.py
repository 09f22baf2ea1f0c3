"""The report's page: markup is only what the page makes itself, and its policy fits what it has."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.support.reports import MARKUP, hostile_report, nearly_empty_report, sample_report
from training_files.api.preferences import prefers_page
from training_files.api.report.page.findings import health
from training_files.api.report.page.markup import Html, html, tag
from training_files.api.report.page.page import page, policy, style
from training_files.api.report.page.words import number, percent, size, words

REPORTS = {"sample": sample_report, "hostile": hostile_report, "nearly empty": nearly_empty_report}
LARGEST_PAGE_BYTES = 1024 * 1024

each_report = pytest.mark.parametrize("name", REPORTS)


class Outline(HTMLParser):
    """The elements of a page, checked to be closed in their order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: set[str] = set()
        self.ids: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag not in ("meta", "link"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag


@each_report
def test_a_page_is_well_formed_and_has_neither_script_nor_picture_nor_style_of_a_texts_own(name: str) -> None:
    text = page(REPORTS[name]())
    outline = Outline(text)

    assert not {"script", "img", "iframe", "object", "form", "a[download]"} & set(outline.names)
    assert outline.names.count("style") == outline.names.count("h1") == 1
    assert not [each for each in outline.attributes if each.startswith("on") or each in ("style", "src")]
    assert len(outline.ids) == len(set(outline.ids))
    assert len(text.encode()) < LARGEST_PAGE_BYTES


@each_report
def test_a_page_names_no_address_but_places_within_itself(name: str) -> None:
    text = page(REPORTS[name]())

    assert set(re.findall(r'href="([^"#]*)', text)) == {"data:,", ""}
    assert not re.search(r"https?:|url\(|@import|//", style())


def test_the_policy_allows_the_one_style_sheet_and_nothing_else() -> None:
    text = page(sample_report())
    [shown] = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(shown.encode()).digest()).decode()

    directives = dict(each.split(" ", 1) for each in policy().split("; "))

    assert directives == {
        "default-src": "'none'",
        "style-src": f"'sha256-{digest}'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert policy().replace("'", "&#x27;") in text


def test_texts_and_attributes_are_escaped_and_markup_is_not_escaped_twice() -> None:
    made = tag("p", MARKUP, tag("b", "&"), [1, None, Html("<hr>")], title=MARKUP, data_kind="x", hidden=True, lang=None)

    assert MARKUP not in made
    assert made.count("<b>&amp;</b>") == 1
    assert made.endswith("1<hr></p>")
    assert re.search(r'<p title="[^"<>]*" data-kind="x" hidden>', made)
    assert html(MARKUP) == html(html(MARKUP))


def health_of(*, count: int = 1, conversation_ids: tuple[str, ...] = ("c1",), **place: Any) -> str:
    """The section on text health, of one rule with one place."""
    at = {"conversation_id": "c1", "turn": 6, "field": "target_response", "offset": 1233, "excerpt": None}
    known = {"rule": "truncated_target", "severity": "error", "count": count, "conversations": count}
    rule = known | {"conversation_ids": conversation_ids, "places": [at | {"message": "it breaks off"} | place]}
    return str(health({"health": {"unhealthy_conversations": 1, "findings_total": count, "rules": [rule]}}))


def test_a_finding_is_shown_with_its_field_and_its_character_as_people_count() -> None:
    assert "turn 6, <code>target_response</code>, character 1,234" in health_of()


def test_the_text_around_a_finding_is_shown_escaped_with_its_place_marked() -> None:
    excerpt = {"before": "<b>a", "marked": "<i>", "after": "b</b>", "characters_before": 3, "characters_after": 0}

    assert '<p class="excerpt" dir="auto">…&lt;b&gt;a<mark>&lt;i&gt;</mark>b&lt;/b&gt;</p>' in health_of(
        excerpt=excerpt
    )
    assert "excerpt" not in health_of()


def test_a_rule_has_the_ids_of_its_conversations_and_says_where_all_places_are() -> None:
    few, many = health_of(conversation_ids=("c1", "c2"), count=2), health_of(count=900)

    assert ">c1\nc2</textarea>" in few
    assert "the first" not in few
    assert "900 conversations, by their conversation_id, the first 1:" in many
    assert "and 899 more: <code>GET /api/training-files/{id}/findings?rule=truncated_target</code>" in many
    assert "textarea" not in health_of(conversation_ids=())


def test_the_table_of_targets_says_which_are_closing_and_which_of_their_models_end() -> None:
    table = page(sample_report())

    for said in (
        "<strong>Closing: </strong>New jobs are closed since 2026-05-07 to organisations that never had one",
        "<strong>Closing: </strong>Amazon Bedrock takes no new jobs since 2026-03-10",
        "Llama 3.2 1B: no new jobs since 2026-01-07, withdrawn on 2026-07-07.",
        "byte order mark",
    ):
        assert said in table


def test_numbers_are_spelled_for_people() -> None:
    assert [number(value) for value in (None, 0, 1234, 3.0, 3.254, 0.5)] == ["\u2013", "0", "1,234", "3", "3.25", "0.5"]
    assert [percent(share) for share in (None, 0, 0.001, 0.5, 0.999, 1)] == [
        "\u2013",
        "0 %",
        "< 1 %",
        "50 %",
        "> 99 %",
        "100 %",
    ]
    assert [size(count) for count in (0, 1023, 1536, 150 * 1024, 3 << 30)] == [
        "0 bytes",
        "1,023 bytes",
        "1.5 KB",
        "150 KB",
        "3,072 MB",
    ]
    assert [words(key) for key in (None, "", "late_saver", "_")] == ["no key", "no key", "late saver", "_"]


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, False),
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("text/html", True),
        ("TEXT/HTML; charset=utf-8", True),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
        ("text/html, */*", True),
        ("text/html;q=0.5, */*", False),
        ("text/html, application/json", False),
        ("application/json;q=0.9, text/html", True),
        ("text/*", True),
        ("text/html;q=0", False),
        ("text/html;q=much", False),
    ],
)
def test_who_prefers_html_gets_the_page_and_who_does_not_care_gets_json(accept: str | None, *, expected: bool) -> None:
    assert prefers_page(accept) is expected
