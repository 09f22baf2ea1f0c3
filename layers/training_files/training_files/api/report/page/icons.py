"""Signs that say by their form, and by a word beside them, what their colour says."""

from training_files.api.report.page.markup import Html, tag

PATHS = {
    "pass": "M5 12.5l4.2 4.2L19 7",
    "warn": "M12 6.5v7M12 17.2v.3",
    "fail": "M7 7l10 10M17 7L7 17",
    "info": "M12 11v6M12 7v.3",
}
WORDS = {"pass": "Pass", "warn": "Warning", "fail": "Fail"}
SEVERITIES = {"error": ("fail", "Error"), "warning": ("warn", "Warning"), "info": ("info", "Note")}


def sign(kind: str) -> Html:
    return tag(
        "svg",
        tag("circle", cx=12, cy=12, r=11),
        tag("path", d=PATHS[kind]),
        class_=f"sign {kind}",
        viewBox="0 0 24 24",
        aria_hidden="true",
    )


def badge(kind: str, word: str) -> Html:
    return tag("span", sign(kind), tag("span", word), class_=f"badge {kind}")
