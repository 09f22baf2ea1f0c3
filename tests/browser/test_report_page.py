"""The report as a person meets it: in a browser, offline, on a desk or a phone, by day or by night, by keyboard."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import OpenReport
from tests.support.builders import Json
from tests.support.reports import (
    MARKUP,
    OUT_OF_ITS_ELEMENT,
    crowded_report,
    hostile_report,
    nearly_empty_report,
    sample_report,
)

CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")
LEAST_CONTRAST = 4.5
PHONE, DESK = 360, 1280
WIDTHS = (PHONE, 390, 768, DESK)
# Elements in which something is cut off or has to be scrolled, and those that stick out of their card. What is only
# for who listens has no width.
TOO_WIDE = """() => [...document.querySelectorAll("main *")].filter((each) => {
  if (!each.clientWidth || each.closest("svg")) return false;
  const card = each.closest(".card, .tile, .rule, section").getBoundingClientRect();
  const own = each.getBoundingClientRect();
  const sticksOut = own.width > 1 && (own.right > card.right + 1 || own.left < card.left - 1);
  return (each.clientWidth > 1 && each.scrollWidth > each.clientWidth + 1) || sticksOut;
}).map((each) => each.outerHTML.slice(0, 200))"""
TABS = 60

each_report = pytest.mark.parametrize(
    "report", [sample_report, hostile_report, nearly_empty_report], ids=["sample", "hostile", "nearly empty"]
)
each_of_all = pytest.mark.parametrize(
    "report",
    [sample_report, crowded_report, hostile_report, nearly_empty_report],
    ids=["sample", "crowded", "hostile", "nearly empty"],
)
each_width = pytest.mark.parametrize("width", [PHONE, DESK])
each_scheme = pytest.mark.parametrize("scheme", ["light", "dark"])

Make = Callable[[], Json]


@each_report
def test_it_asks_for_nothing_and_complains_about_nothing(open_report: OpenReport, report: Make) -> None:
    opened = open_report(report())

    assert [url.partition(":")[0] for url in opened.requests] == ["file"]
    assert opened.complaints == []


def test_its_policy_keeps_even_injected_markup_from_making_requests(open_report: OpenReport) -> None:
    opened = open_report(sample_report())

    refused = opened.page.evaluate(
        """() => new Promise((resolve) => {
          const refused = [];
          setTimeout(() => resolve(refused), 5000);
          document.addEventListener("securitypolicyviolation", (event) => {
            refused.push(event.effectiveDirective);
            if (refused.length === 4) resolve(refused.sort());
          });
          const intruder = document.createElement("div");
          intruder.innerHTML = `<img src="https://example.com/a.png"><link rel="stylesheet" href="https://example.com/a.css">
            <p style="background: url(https://example.com/b.png)">x</p><iframe src="https://example.com/"></iframe>`;
          document.body.append(intruder);
        })"""
    )

    assert refused == ["frame-src", "img-src", "style-src-attr", "style-src-elem"]
    assert len(opened.requests) == 1


@each_of_all
def test_nothing_has_to_be_scrolled_sideways_on_a_phone(open_report: OpenReport, report: Make) -> None:
    opened = open_report(report(), width=PHONE)
    _unfold(opened.page)

    widths = opened.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")

    assert widths == [PHONE, PHONE]


@each_of_all
@each_scheme
@each_width
def test_every_text_stands_out_from_what_is_behind_it(
    open_report: OpenReport, report: Make, scheme: str, width: int
) -> None:
    opened = open_report(report(), width=width, scheme=scheme)
    _unfold(opened.page)

    texts = opened.page.evaluate(CONTRAST)

    assert len(texts) > 100
    assert [text for text in texts if text["ratio"] < LEAST_CONTRAST] == []


def test_it_is_dark_for_who_wants_it_dark(open_report: OpenReport) -> None:
    shown = {scheme: _brightness(open_report(sample_report(), scheme=scheme).page) for scheme in ("light", "dark")}

    assert shown["light"] > 200
    assert shown["dark"] < 50


@each_report
def test_headings_are_in_order_and_every_section_has_one(open_report: OpenReport, report: Make) -> None:
    opened = open_report(report())

    levels = [
        int(tag[1]) for tag in opened.page.eval_on_selector_all("h1, h2, h3, h4", "all => all.map(h => h.tagName)")
    ]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(level - before <= 1 for before, level in pairwise(levels))
    assert opened.page.locator("section").count() == levels.count(2)


def test_landmarks_tables_and_charts_say_what_they_are(open_report: OpenReport) -> None:
    page = open_report(sample_report()).page

    for role in ("banner", "navigation", "main", "contentinfo"):
        assert page.get_by_role(role).count() == 1
    assert page.get_by_role("region", name="Readiness").count() == 1
    _unfold(page)  # what is folded is not there for who listens
    assert page.locator("table").count() == page.locator("table > caption").count() == page.get_by_role("table").count()
    for chart in page.get_by_role("img").all():
        assert chart.locator("title").text_content()
    assert page.locator("svg:not([role=img]):not([aria-hidden=true])").count() == 0
    assert page.locator("html").get_attribute("lang") == "en"


@each_width
def test_every_check_and_every_target_is_seen(open_report: OpenReport, width: int) -> None:
    report = sample_report()
    page = open_report(report, width=width).page

    for check in report["checks"]:
        tile = page.locator(f"#check-{check['id']}")
        assert tile.is_visible()
        assert check["title"] in tile.inner_text()
        assert check["hint"] in tile.inner_text()
    assert len(report["readiness"]["default"]) == 16
    for target in report["readiness"]["default"]:
        row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=target["title"], exact=True))
        assert row.is_visible()
        assert ("Ready" if target["ready"] else "Not ready") in row.get_by_role("cell").first.inner_text()


def test_charts_show_the_figures_of_the_report(open_report: OpenReport) -> None:
    report = sample_report()
    page = open_report(report).page

    shown = page.locator("#scores svg.chart text.count").all_text_contents()
    assert [int(count) for count in shown] == [each["pairs"] for each in report["scores"]["histogram"] if each["pairs"]]
    for place, granularity in enumerate(("conversation", "turn")):
        bars = page.locator("#lengths svg.chart").nth(place)
        rows = [each["rows"] for each in report["lengths"][granularity]["histogram"] if each["rows"]]
        assert [int(count) for count in bars.locator("text.count").all_text_contents()] == rows
        assert {"1K", "2K", "4K", "8K", "16K"} <= set(bars.locator("text.label").all_text_contents())


@each_width
def test_coverage_is_one_matrix_of_arcs_and_personas(open_report: OpenReport, width: int) -> None:
    tables = crowded_report()["cross_tables"]
    page = open_report(crowded_report(), width=width).page

    matrix = page.locator("#coverage").get_by_role("table")
    assert matrix.count() == 1
    assert matrix.get_by_role("rowheader").count() == len(tables["emotional_arcs"]) == 4
    cells = [cell for cell in matrix.get_by_role("cell").all_text_contents() if cell]
    assert len(cells) == 4 * len(tables["personas"])
    assert sum(map(int, cells)) == 72
    assert "Each of the 72 topics has 1 conversation." in page.locator("#coverage").inner_text()


def test_topics_that_are_few_have_a_small_matrix_each_with_a_gap_where_nobody_is(open_report: OpenReport) -> None:
    tables = sample_report()["cross_tables"]
    page = open_report(sample_report()).page

    cells = page.locator("#coverage .small td:not(.gap):not(:empty)").all_text_contents()
    assert tables["empty_cells_total"] > 0
    assert page.locator("#coverage .small").count() == len(tables["training_topics"])
    assert page.locator("#coverage .small td.gap").count() == tables["empty_cells_total"]
    assert sorted(map(int, cells)) == sorted(cell["conversations"] for cell in tables["cells"])


@each_of_all
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_what_it_stands_in(open_report: OpenReport, report: Make, width: int) -> None:
    opened = open_report(report(), width=width)
    _unfold(opened.page)

    assert opened.page.evaluate(TOO_WIDE) == []


def test_the_sample_is_a_dialogue(open_report: OpenReport) -> None:
    pairs = sample_report()["sample"]["pairs"]
    page = open_report(sample_report()).page

    dialogues = page.locator("article")
    assert dialogues.count() == len(pairs) == 8
    for place, pair in enumerate(pairs):
        assert dialogues.nth(place).locator(".user .said").inner_text() == pair["messages"][-1]["content"]
        assert dialogues.nth(place).locator(".target .said").inner_text() == pair["target"]["content"]
        user, target = (dialogues.nth(place).locator(f"li.{side}").bounding_box() for side in ("user", "target"))
        assert user is not None
        assert target is not None
        assert user["x"] < target["x"]
        assert user["y"] < target["y"]


def test_markup_in_texts_names_and_keys_is_shown_as_it_is_written(open_report: OpenReport) -> None:
    report = hostile_report()
    page = open_report(report).page
    _unfold(page)

    assert page.evaluate("[document.scripts.length, document.images.length, typeof window.intruded]") == [
        0,
        0,
        "undefined",
    ]
    assert page.locator("h1").inner_text() == report["training_file"]["name"]
    for speaker in ("user", "target"):
        said = page.locator(f"article .{speaker} .said", has_text="</style>").first.inner_text()
        assert said.startswith(OUT_OF_ITS_ELEMENT)
    assert MARKUP in page.locator("article .chip").first.inner_text()
    assert MARKUP in page.locator("#balance .name").first.inner_text()
    assert MARKUP in page.locator("#coverage thead").first.inner_text()
    assert "unbreakable" * 5 in page.locator("#coverage tbody th").first.inner_text()


def test_findings_duplicates_and_changed_sources_are_reported(open_report: OpenReport) -> None:
    report = hostile_report()
    page = open_report(report).page

    assert len(report["health"]["rules"]) >= 5
    for rule in report["health"]["rules"]:
        folded = page.locator(f"#rule-{rule['rule']}")
        assert folded.get_attribute("open") is None
        folded.locator("summary").click()
        assert folded.locator("li").first.is_visible()
    assert report["duplicates"]["conversations"] > 0
    assert report["duplicates"]["groups"][0]["conversation_ids"][1] in page.locator("#duplicates").inner_text()
    assert len(report["sources"]["conversations"]) == 4
    for each in report["sources"]["conversations"]:
        assert each["conversation_id"] in page.locator("#sources").inner_text()


def test_one_rule_can_be_seen_alone_and_all_again(open_report: OpenReport) -> None:
    report = hostile_report()
    page = open_report(report).page
    shown = page.locator("#health .rule:visible")
    rules = [rule["rule"] for rule in report["health"]["rules"]]

    for rule in rules[:3]:
        page.locator(f"#health .choice[href='#rule-{rule}-places']").click()

        assert [each.get_attribute("id") for each in shown.all()] == [f"rule-{rule}"]
        assert page.locator(f"#rule-{rule}-places").is_visible()
    page.locator("#health .choice", has_text="all rules").click()
    assert shown.count() == len(rules)


def test_the_text_around_a_finding_is_shown_and_its_place_marked(open_report: OpenReport) -> None:
    report = hostile_report()
    page = open_report(report).page
    _unfold(page)
    [rule] = [each for each in report["health"]["rules"] if each["rule"] == "literal_backslash_n"]
    excerpts = [place["excerpt"] for place in rule["places"] if place["excerpt"]]

    shown = page.locator("#rule-literal_backslash_n .excerpt")

    assert len(excerpts) == shown.count() == 3
    for each, excerpt in zip(shown.all(), excerpts, strict=True):
        assert each.locator("mark").inner_text() == excerpt["marked"] == "\\n"
        assert excerpt["before"] in each.inner_text()


def test_the_ids_of_a_rules_conversations_can_be_copied_but_not_changed(open_report: OpenReport) -> None:
    report = hostile_report()
    page = open_report(report).page
    _unfold(page)

    for rule in report["health"]["rules"]:
        if rule["conversation_ids"]:
            box = page.locator(f"#rule-{rule['rule']}-ids")
            box.press("Control+a")
            assert page.evaluate("getSelection().toString()").split() == rule["conversation_ids"]
            box.press("x")
            assert box.input_value().split() == rule["conversation_ids"]


def test_everything_that_folds_opens_by_keyboard(open_report: OpenReport) -> None:
    page = open_report(sample_report()).page
    for _ in range(TABS):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "SUMMARY":
            break
    folded = "document.activeElement.parentElement.open"

    states = [page.evaluate(folded)]
    for key in ("Enter", "Space"):
        page.keyboard.press(key)
        states.append(page.evaluate(folded))

    assert states == [False, True, False]
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_the_first_stop_of_the_keyboard_leads_past_the_navigation(open_report: OpenReport) -> None:
    page = open_report(sample_report()).page

    page.keyboard.press("Tab")
    assert page.locator(".skip").is_visible()
    page.keyboard.press("Enter")

    assert page.url.endswith("#checklist")


def test_nothing_moves_for_who_wants_nothing_to_move(open_report: OpenReport) -> None:
    scrolling = {
        motion: open_report(sample_report(), reduced_motion=motion).page.evaluate(
            "getComputedStyle(document.documentElement).scrollBehavior"
        )
        for motion in ("reduce", "no-preference")
    }

    assert scrolling == {"reduce": "auto", "no-preference": "smooth"}


def _unfold(page: Any) -> None:
    page.eval_on_selector_all("details", "all => all.forEach(each => { each.open = true })")


def _brightness(page: Any) -> float:
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    channels = [int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]
    return sum(channels) / len(channels)
