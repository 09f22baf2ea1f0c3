"""Dialogues of our own, and how many tokens real tokenizers make of them, as `make test-tokenizers` counts them."""

from pathlib import Path

from training_files.domain.tokens.estimate import Family

FOLDER = Path(__file__).parent / "dialogues"
BETWEEN_ROWS = "\n=====\n"
# By language and family, of each text in its order.
COUNTS: dict[str, dict[Family, list[int]]] = {
    "en": {
        "o200k": [174, 245, 185],
        "cl100k": [184, 248, 191],
        "llama3": [184, 248, 191],
        "qwen": [184, 259, 191],
        "qwen3_5": [190, 266, 192],
        "tekken": [185, 261, 193],
    },
    "de": {
        "o200k": [206, 204, 189],
        "cl100k": [248, 242, 238],
        "llama3": [247, 241, 238],
        "qwen": [244, 244, 228],
        "qwen3_5": [221, 218, 197],
        "tekken": [226, 216, 201],
    },
    "es": {
        "o200k": [192, 187, 175],
        "cl100k": [217, 211, 205],
        "llama3": [217, 210, 205],
        "qwen": [214, 216, 204],
        "qwen3_5": [202, 202, 178],
        "tekken": [199, 201, 179],
    },
    "zh": {
        "o200k": [200, 222, 215],
        "cl100k": [303, 331, 339],
        "llama3": [206, 226, 228],
        "qwen": [165, 201, 161],
        "qwen3_5": [152, 185, 153],
        "tekken": [226, 256, 233],
    },
    "ja": {
        "o200k": [255, 279, 260],
        "cl100k": [352, 365, 373],
        "llama3": [225, 256, 245],
        "qwen": [203, 226, 212],
        "qwen3_5": [179, 203, 182],
        "tekken": [237, 271, 244],
    },
    "ar": {
        "o200k": [216, 225, 194],
        "cl100k": [465, 486, 440],
        "llama3": [259, 276, 241],
        "qwen": [256, 269, 236],
        "qwen3_5": [216, 222, 186],
        "tekken": [198, 219, 179],
    },
    "code": {
        "o200k": [219, 175, 187],
        "cl100k": [218, 175, 187],
        "llama3": [218, 175, 187],
        "qwen": [220, 181, 193],
        "qwen3_5": [233, 200, 202],
        "tekken": [229, 183, 204],
    },
}


def texts(language: str) -> list[str]:
    return [text.strip() for text in (FOLDER / f"{language}.txt").read_text(encoding="utf-8").split(BETWEEN_ROWS)]
