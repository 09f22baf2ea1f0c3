"""Scores and lengths as histograms, with their figures beside them."""

from typing import Any

from training_files.api.report.page.charts import Bar, bar_chart
from training_files.api.report.page.markup import Html, tag
from training_files.api.report.page.words import code, number, percent, plural

Json = dict[str, Any]

GOOD_FROM = 3.5
SPREADS = {
    "none": "No pair is scored.",
    "flat": "Every pair has the same score, so the scores say nothing about which are better.",
    "nearly_flat": "Most pairs have the same score, so the scores say little about which are better.",
    "varied": "The scores tell pairs apart.",
}
GRANULARITIES = {
    "conversation": ("One row for each conversation", "granularity conversation, the default"),
    "turn": ("One row for each trainable pair", "granularity turn"),
}

TOKENIZERS = {
    "o200k": "GPT-4o, GPT-4.1",
    "cl100k": "GPT-3.5",
    "llama3": "Llama 3",
    "qwen": "Qwen 2.5, 3",
    "qwen3_5": "Qwen 3.5",
    "tekken": "Mistral (Tekken)",
}


def scores(report: Json) -> Html:
    found, reviewed = report["scores"], report["reviewed"]
    bars = [
        Bar(
            each["pairs"],
            tick=number(each["to"]) if each["to"] % 1 == 0 and each["to"] < 5 else "",
            kind="bar good" if each["from"] >= GOOD_FROM else "bar low",
        )
        for each in found["histogram"]
    ]
    told = "; ".join(
        f"{number(each['from'])} to {number(each['to'])}: {each['pairs']}"
        for each in found["histogram"]
        if each["pairs"]
    )
    common = f" Most common: {number(found['most_common'])}, for {percent(found['most_common_share'])} of them."
    return tag(
        "div",
        tag(
            "figure",
            bar_chart("scores", "Training pairs by score", f"Pairs by score. {told or 'None is scored'}.", bars),
            tag("figcaption", "Training pairs by score, 0 to 5. Outlined bars lie below 3.5."),
            class_="card",
        ),
        tag(
            "div",
            tag("p", tag("strong", SPREADS[found["spread"]]), common if found["scored_pairs"] else None),
            _facts(
                ("Average", number(found["average"])),
                ("Lowest and highest", f"{number(found['minimum'])} to {number(found['maximum'])}"),
                ("Different scores", number(found["distinct"])),
                ("Scored pairs", f"{number(found['scored_pairs'])}, {number(found['unscored_pairs'])} without a score"),
                ("Reviewed by people", f"{number(reviewed['pairs'])} of {plural(reviewed['of_pairs'], 'pair')}"),
            ),
            _lowest(found["lowest_conversations"]),
            class_="card",
        ),
        class_="grid two",
    )


def _lowest(lowest: list[Json]) -> Html | None:
    if not lowest:
        return None
    rows = [tag("li", code(each["conversation_id"]), f" {number(each['average_score'])}") for each in lowest]
    return tag("details", tag("summary", "The lowest-scoring conversations"), tag("ul", rows, class_="ids"))


def lengths(report: Json) -> Html:
    cards = [_length(granularity, report["lengths"][granularity]) for granularity in GRANULARITIES]
    method = report["lengths"]["conversation"]["method"]
    text = f"Tokens are an {method}. Numbers that name no tokenizer are of the one that needs most for a row."
    return tag("div", tag("div", cards, class_="grid two"), tag("p", text, class_="quiet"))


def _length(granularity: str, found: Json) -> Html:
    title, subtitle = GRANULARITIES[granularity]
    histogram = found["histogram"]
    bars = [
        Bar(
            each["rows"],
            tick=_short(each["up_to"]) if each["up_to"] else "",
            kind=f"bar {'long' if not each['up_to'] else ''}",
        )
        for each in histogram
    ]
    told = "; ".join(
        f"{'up to ' + number(each['up_to']) if each['up_to'] else 'more'}: {each['rows']}" for each in histogram
    )
    return tag(
        "div",
        tag("h3", title),
        tag("p", subtitle, class_="quiet"),
        tag(
            "figure",
            bar_chart(f"lengths-{granularity}", f"{title}: lengths in tokens", f"Rows by tokens. {told}.", bars),
            tag("figcaption", "Rows by length; the marks are tokens. A trainer cuts what is over its limit."),
        ),
        _facts(
            ("Set max_length to", tag("strong", f"{number(found['recommended_max_length'])}")),
            ("Longest row", f"{number(found['max_length'])} tokens"),
        ),
        _percentiles(title, found),
        _over(title, found),
        _tokenizers(title, found),
        class_="card",
    )


def _short(tokens: int) -> str:
    return f"{tokens // 1024}K" if tokens >= 1024 else str(tokens)


def _percentiles(title: str, found: Json) -> Html:
    header = tag(
        "tr",
        tag("th", "Tokens", scope="col"),
        [tag("th", each, scope="col") for each in ("5 %", "median", "95 %", "most")],
    )
    rows = [
        tag(
            "tr",
            tag("th", name, scope="row"),
            [tag("td", number(found[key][each])) for each in ("p5", "p50", "p95", "max")],
        )
        for key, name in (("rows", "Rows"), ("targets", "Targets"))
    ]
    caption = tag("caption", f"{title}: how long rows and targets are")
    return tag("table", caption, tag("thead", header), tag("tbody", rows), class_="plain")


def _over(title: str, found: Json) -> Html:
    header = tag("tr", [tag("th", each, scope="col") for each in ("Limit in tokens", "Rows over it")])
    rows = [
        tag("tr", tag("th", f"{int(limit):,}", scope="row"), tag("td", percent(share)))
        for limit, share in found["over"].items()
    ]
    caption = tag("caption", f"{title}: what a limit would cut")
    return tag(
        "details",
        tag("summary", "What a limit would cut"),
        tag("table", caption, tag("thead", header), tag("tbody", rows), class_="plain"),
    )


def _tokenizers(title: str, found: Json) -> Html:
    header = tag("tr", [tag("th", each, scope="col") for each in ("Tokenizer", "Longest row", "Set max_length to")])
    rows = [
        tag(
            "tr",
            tag("th", TOKENIZERS[name], scope="row"),
            tag("td", number(of_it["max_length"])),
            tag("td", number(of_it["recommended_max_length"])),
        )
        for name, of_it in found["by_tokenizer"].items()
    ]
    caption = tag("caption", f"{title}: lengths by tokenizer")
    return tag(
        "details",
        tag("summary", "For the tokenizer of your model"),
        tag("table", caption, tag("thead", header), tag("tbody", rows), class_="plain"),
    )


def _facts(*facts: tuple[str, Any]) -> Html:
    return tag("dl", [tag("div", tag("dt", name), tag("dd", value)) for name, value in facts], class_="facts")
