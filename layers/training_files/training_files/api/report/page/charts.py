"""Charts as inline SVG, with a title and a description for whoever does not see them."""

from collections.abc import Sequence
from dataclasses import dataclass

from training_files.api.report.page.markup import Html, tag

WIDTH, HEIGHT = 360, 190
TOP, BOTTOM, SIDE = 26, 40, 6
LEAST_HEIGHT = 2


@dataclass(frozen=True, slots=True)
class Bar:
    """`label` stands under the bar; `tick` marks its right edge with a number, where that means something."""

    count: int
    label: str = ""
    tick: str = ""
    kind: str = "bar"


def bar_chart(chart_id: str, title: str, description: str, bars: Sequence[Bar]) -> Html:
    """Bars beside each other, each with its count over it."""
    return tag(
        "svg",
        tag("title", title, id=f"{chart_id}-title"),
        tag("desc", description, id=f"{chart_id}-description"),
        tag("line", x1=SIDE, y1=HEIGHT - BOTTOM, x2=WIDTH - SIDE, y2=HEIGHT - BOTTOM, class_="axis"),
        [_bar(place, bar, bars) for place, bar in enumerate(bars)],
        class_="chart",
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_labelledby=f"{chart_id}-title {chart_id}-description",
    )


def _bar(place: int, bar: Bar, bars: Sequence[Bar]) -> list[Html]:
    step = (WIDTH - 2 * SIDE) / len(bars)
    highest = max(1, *(each.count for each in bars))
    room, ground = HEIGHT - TOP - BOTTOM, HEIGHT - BOTTOM
    height = max(LEAST_HEIGHT, room * bar.count / highest) if bar.count else 0
    left, middle = SIDE + place * step, SIDE + (place + 0.5) * step
    parts = []
    if bar.count:
        parts = [
            tag(
                "rect",
                x=f"{left + 2:.1f}",
                y=f"{ground - height:.1f}",
                width=f"{step - 4:.1f}",
                height=f"{height:.1f}",
                rx=3,
                class_=bar.kind,
            ),
            tag("text", f"{bar.count:,}", x=f"{middle:.1f}", y=f"{ground - height - 6:.1f}", class_="count"),
        ]
    if bar.label:
        parts.append(tag("text", bar.label, x=f"{middle:.1f}", y=ground + 16, class_="label"))
    if bar.tick:
        right = f"{left + step:.1f}"
        parts += [
            tag("line", x1=right, y1=TOP - 8, x2=right, y2=ground + 5, class_="mark"),
            tag("text", bar.tick, x=right, y=ground + 18, class_="label"),
        ]
    return parts


def share_bar(share: float, mark: float | None = None, *, kind: str = "bar") -> Html:
    """A horizontal bar, as long as its share of 1, with a mark where it should end. The figure stands beside it."""
    return tag(
        "svg",
        tag("rect", x=0, y=0, width=100, height=10, class_="track"),
        tag("rect", x=0, y=0, width=f"{min(max(share, 0), 1) * 100:.2f}", height=10, class_=kind),
        tag("rect", x=f"{min(mark * 100, 99.4):.2f}", y=0, width=0.6, height=10, class_="wanted") if mark else None,
        class_="share",
        viewBox="0 0 100 10",
        preserveAspectRatio="none",
        aria_hidden="true",
    )


def ring(parts: Sequence[tuple[str, int]], title: str) -> Html:
    """A ring whose stretches are as long as the numbers of each kind."""
    total = sum(count for _, count in parts) or 1
    radius, around = 42, 263.89
    drawn, begin = [], 0.0
    for kind, count in parts:
        length = around * count / total
        if count:
            drawn.append(
                tag(
                    "circle",
                    cx=50,
                    cy=50,
                    r=radius,
                    class_=f"arc {kind}",
                    stroke_dasharray=f"{max(length - 3, 1):.2f} {around:.2f}",
                    stroke_dashoffset=f"{-begin:.2f}",
                )
            )
        begin += length
    passed = next((count for kind, count in parts if kind == "pass"), 0)
    return tag(
        "svg",
        tag("title", title),
        drawn,
        tag("text", passed, x=50, y=52, class_="ring-count"),
        tag("text", f"of {total}", x=50, y=67, class_="ring-total"),
        class_="ring",
        viewBox="0 0 100 100",
        role="img",
    )
