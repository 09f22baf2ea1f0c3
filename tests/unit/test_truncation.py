# ruff: noqa: RUF001 - The signs of other scripts look like ours.
"""A target that was cut off is told from one that is whole, in any language and with any kind of ending."""

import pytest

from tests.support.bounded import bounded_cpu_time
from training_files.domain.health.redaction import Redactor
from training_files.domain.health.truncation import sign_of_truncation

WHOLE_SENTENCE = "Three months of expenses is a good first goal. You are closer than you think."

NO_END = "ends without terminal punctuation"
CUT_OFF = {
    "in a sentence": ("You could start with the smallest", NO_END),
    "in a word": (f"{WHOLE_SENTENCE} The next st", NO_END),
    "behind a comma": ("First of all,", NO_END),
    "behind a colon": ("Here are three steps:", NO_END),
    "behind a semicolon": ("That is one way;", NO_END),
    "behind a dash": ("Rates could rise —", NO_END),
    "behind a heading": (f"{WHOLE_SENTENCE}\n\n## Next steps", NO_END),
    "behind a bold heading": (f"{WHOLE_SENTENCE}\n\n**Next steps**", NO_END),
    "in bold": (f"{WHOLE_SENTENCE} What matters is **your", NO_END),
    "in a bracket": (f"{WHOLE_SENTENCE} (as we said", NO_END),
    "in a figure": ("At that rate you would have saved $12,4", NO_END),
    "behind a bare item number": ("1. Open an account.\n2. Set up a transfer.\n3.", NO_END),
    "in an item": ("1. Call the bank today.\n2. Ask about the", NO_END),
    "in the last of items that are sentences": ("- Call the bank.\n- Ask for a plan.\n- Write down what", NO_END),
    "in a line of an item": ("1. Call the bank.\n   Ask about the", NO_END),
    "in an item that announces more": ("- Start here:", NO_END),
    "in a table": ("| Year | Saved |\n|---|---|\n| 1 | 2,4", NO_END),
    "in Chinese": ("我们先来看看你的预算，然后", NO_END),
    "in Russian": ("Сначала посмотрим на расходы, а потом", NO_END),
    "in Arabic": ("لنبدأ بالميزانية ثم", NO_END),
    "in Hindi": ("पहले खर्च देखते हैं और फिर", NO_END),
    "in a label": ("Monday: rent\nTuesday: groceries and the", NO_END),
    "behind a label": ("Monday: rent\nTuesday:", NO_END),
    "in the only label": ("My advice: start with the smallest", NO_END),
    "in a label behind sentences": ("Step 1: Call the bank.\nStep 2: Ask for", NO_END),
    "in a line behind a picture": (f"{WHOLE_SENTENCE}\n💡 You could start with", NO_END),
    "in a quoted block": ("> You could start\n> with the smallest", NO_END),
    "in a bracket of Russian": ("Сначала расходы (как вчера)", NO_END),
    "in a sentence of Japanese": ("まずは小さな目標から始めますが", NO_END),
    "in a quoted word": ('You could call it "mine"', NO_END),
    "behind a farewell in a sentence": ("Best wishes, she said to the", NO_END),
    "in a farewell": ("Viele Grüße an die ganze", NO_END),
    "in an indented line of an item": ("1. Call the bank.\n\n    Ask about the", NO_END),
    "in an indented paragraph": (f"{WHOLE_SENTENCE}\n    And then you could", NO_END),
    "in a backslash": (f"{WHOLE_SENTENCE} \\", "ends in a backslash"),
    "in a backslash and white space": (f"{WHOLE_SENTENCE}\\\n ", "ends in a backslash"),
    "in an escaped quote": (f'{WHOLE_SENTENCE} She said \\"', "ends in an escaped quote"),
    "in the second escaped quotation": (f'{WHOLE_SENTENCE} She said \\"yes.\\" And \\"', "ends in an escaped quote"),
    "in escaped quotes": (f'{WHOLE_SENTENCE} She said \\"yes\\"', "ends without terminal punctuation"),
    "in an escaped apostrophe": (f"{WHOLE_SENTENCE} It\\'", "ends in an escaped quote"),
    "in a quotation": ('My advice: "Keep it simple.', "has a double quote that is not closed"),
    "in a curly quotation": ("My advice: “Keep it simple.", "has a double quote that is not closed"),
    "in a German quotation": ("Mein Rat: „Fang klein an.", "has a double quote that is not closed"),
    "in a second quotation": ('"Yes," she said. "But not', "has a double quote that is not closed"),
    "in a quotation of an earlier paragraph": (
        f'She said: "Stop.\n\n{WHOLE_SENTENCE}',
        "has a double quote that is not closed",
    ),
    "in a code fence": ("Run this:\n\n```python\nprint(1)\n", "ends inside a code fence that is not closed"),
    "in a fence of tildes": ("Run this:\n~~~\nprint(1).", "ends inside a code fence that is not closed"),
    "in a second code fence": ("```\na\n```\nand\n```\nb.", "ends inside a code fence that is not closed"),
    "in a fence of a list": ("1. Run:\n   ```sh\n   ls.", "ends inside a code fence that is not closed"),
}

WHOLE = {
    "full stop": WHOLE_SENTENCE,
    "question": "What would change for you?",
    "exclamation": "Well done!",
    "ellipsis": "Let us see…",
    "three points": "Let us see...",
    "white space behind": f"{WHOLE_SENTENCE}  \n",
    "right-to-left mark behind": f"{WHOLE_SENTENCE}\u200f",
    "left-to-right mark behind": f"{WHOLE_SENTENCE}\u200e \n",
    "zero-width space behind": f"{WHOLE_SENTENCE}\u200b",
    "byte order mark behind": f"{WHOLE_SENTENCE}\ufeff",
    "ends of directions behind": f"{WHOLE_SENTENCE}\u202c\u2069",
    "mark behind a list": "- Save\n- Wait\u200f",
    "in quotes": 'She said: "Stop."',
    "quote before the full stop": 'She called it "fine".',
    "in curly quotes": "She said: “Stop.”",
    "in single quotes": "She said: ‘Stop.’",
    "mixed quotes": 'She said: “Stop."',
    "in brackets": "(We said so before.)",
    "in bold": "**Keep going.**",
    "in italics": "_Keep going!_",
    "bold quote": '**"Keep going."**',
    "emoji behind": "Well done! 🎉",
    "emoji instead": "You have got this 💪🏽",
    "family emoji": "For all of you 👨‍👩‍👧‍👦",
    "heart": "Take care ❤️",
    "emoticon": "Take care :)",
    "remark behind": "That is the rule. (Source: the tax office)",
    "action behind": "That makes sense. *smiles warmly*",
    "footnote behind": "That is the rule.[1]",
    "two footnotes behind": "That is the rule.[1][2]",
    "list": "Two steps:\n- Open an account\n- Set up a transfer",
    "bold list": "Two steps:\n* **Open** an account\n* **Set up** a transfer",
    "quoted list": "> Two steps:\n> - Open an account\n> - Set up a transfer",
    "numbered list": "Two steps:\n1. Open an account\n2. Set up a transfer",
    "lettered list": "Two ways:\na) the bank\nb) the broker",
    "bullets": "Two ways:\n• the bank\n• the broker",
    "list with a second line": "Steps:\n- Open an account\n  at any bank near you",
    "table": "| Year | Saved |\n|---|---|\n| 1 | 2,400 |",
    "table without borders": "Year | Saved | Left\n1 | 2,400 | 900",
    "closed code": "Run this:\n\n```python\nprint('He said \"')\n```",
    "closed code of tildes": "Run this:\n~~~\nls\n~~~\n",
    "code in a list": "1. Run:\n   ```sh\n   ls\n   ```",
    "longer fence around a fence": "````\n```\nls\n```\n````",
    "inline code": "The command is `git status`",
    "quote in inline code": 'Type `"` once.',
    "address": "You find it at https://example.org/a/b",
    "address in brackets": "You find it there (https://example.org/a)",
    "bare address": "You find it at www.example.org",
    "domain": "You find it at example.org/plans",
    "link": "You find it [here](https://example.org/a)",
    "e-mail": "Write to morgan@example.org",
    "formula": "So we get\n$$a^2 + b^2 = c^2$$",
    "result": "Rent and food: $1,250 + $400\nTotal: $1,650",
    "equation": "1,250 + 400 = 1,650",
    "signature": "Talk soon.\n\nWarmly,\nMorgan",
    "signature with a place to fill in": "Talk soon.\n\nBest regards,\n[Your Name]\n[Your Title]",
    "German letter": "Bis bald.\n\nMit freundlichen Grüßen\nAnna Schmidt",
    "German letter to a friend": "Das wird.\n\nViele Grüße\nElena",
    "German letter without a name": "Das wird.\n\nLiebe Grüße",
    "French letter": "À demain.\n\nBien à vous\nElena",
    "French letter to a client": "À demain.\n\nCordialement\nElena Morales",
    "Spanish letter in one line": "Cuídate.\n\nUn abrazo, Elena",
    "Spanish letter behind a sentence": "Cuídate mucho. Un abrazo, Elena",
    "English letter in one line": "You can do this.\n\nWarmly, Elena",
    "Chinese letter": "先从小目标开始。\n\n此致\n敬礼\n王小明",
    "labels": "Monday: rent\nTuesday: groceries\nWednesday: rest",
    "bold labels": "Two ways:\n\n**Option A:** keep\n**Option B:** refinance",
    "numbered labels": "Step 1: call the bank\nStep 2: ask for a plan",
    "labels apart": "Step 1: call the bank\n\nStep 2: ask for a plan",
    "numbers in circles": "两步：\n①打开账户\n②设置转账",
    "spaced numbers in circles": "① Open an account\n② Set up a transfer",
    "Chinese numbers": "一、打开账户\n二、设置转账",
    "Chinese ordinals": "第一，打开账户\n第二步：设置转账",
    "indented code behind a colon": "Run this:\n    git status",
    "Arabic ordinals": "أولاً: راجع الميزانية\nثانياً: افتح حساب ادخار",
    "arrows": "→ Open an account\n→ Set up a transfer",
    "pictures": "💡 Open an account\n💡 Set up a transfer",
    "different pictures": "🏠 Rent first\n\n🛒 Groceries next",
    "keycaps": "1️⃣ Rent first\n2️⃣ Groceries next",
    "indented code": "Run this:\n\n    git add .\n    git commit",
    "long indented code": "Run this:\n\n" + "    print(1)\n\n" * 80 + "    print(2)",
    "Chinese wave": "不客气，谢谢~",
    "Chinese waves": "加油~~",
    "Japanese without a full stop": "来週もよろしくお願いします",
    "Korean without a full stop": "정말 감사합니다",
    "Russian smile": "Удачи вам)))",
    "one Russian bracket": "Всё получится)",
    "quotation behind a colon": 'Say: "I need time"',
    "quotation behind a comma": 'When they call, say, "I need time"',
    "French quotation alone": "On commence petit.\n\n« À bientôt »",
    "French quotation behind a sentence": "On commence petit. « À bientôt »",
    "bold quotation": 'Say: **"I need time"**',
    "bold behind a colon": "Remember: **you are enough**",
    "italics behind a colon": "Remember: _you are enough_",
    "hashtags": "Start today! #budget #savings",
    "rule behind": f"{WHOLE_SENTENCE}\n\n---",
    "HTML": "<p>Keep going.</p>",
    "JSON": '{"answer": [1, 2]}',
    "inches": 'The screen has 27" and costs less.',
    "feet and inches": "She is 5'10\" tall.",
    "apostrophes": "It's the banks' choice, isn't it?",
    "quotation over paragraphs": '"First this.\n\n"Then that."',
    "curly quotation over paragraphs": "“First this.\n\n“Then that.”",
    "a sentence in escaped quotes": 'She said: \\"Start small.\\"',
    "escaped quotes and line breaks": 'She said: \\"Start small.\\"\\n\\n',
    "escaped quotes inside": 'She called it \\"fine\\" and went on.',
    "literal line break behind": "That is all.\\n\\n",
    "items that are no sentences": "- Call the bank\n- Ask for a plan\n- Write it down",
    "an item behind a sentence": "1. Call the bank today.\n2. Ask for a plan",
    "an item that ends in a short word": "- Rufe die Bank an\n- Zahle es ein\n- Plan A",
    "items that are sentences": "- Vitamin B.\n- Vitamin C.\n- Vitamin D, the one from the sun.",
    "number of a list that stands alone": "42.",
    "Spanish": "¿Qué te parece?",
    "French": "« On commence petit. »",
    "German": "„Fang klein an.“",
    "Swedish": "”Börja smått.”",
    "Polish": "„Zacznij od małych kroków.”",
    "Greek": "Τι θα άλλαζε για εσένα;",
    "Russian": "Начните с малого.",
    "Hebrew": 'התחל בקטן, כמו בארה"ב.',
    "Arabic": "ما رأيك؟",
    "Urdu": "آپ کا کیا خیال ہے؟ یہ ٹھیک ہے۔",
    "Hindi": "छोटी शुरुआत करें।",
    "Chinese": "先从小目标开始。",
    "Chinese question": "你觉得怎么样？",
    "Japanese": "小さく始めましょう！",
    "Japanese quotation": "彼女は言った。「そうですね」",
    "Korean": "작게 시작하세요.",
    "Thai": "เริ่มจากเล็กๆ ก่อนนะคะ",
    "Armenian": "Սկսեք փոքրից։",
    "Amharic": "በትንሹ ይጀምሩ።",
    "Burmese": "အသေးစားမှ စပါ။",
    "Khmer": "ចាប់ផ្តើមតូច។",
    "Chinese in brackets": "（先从小目标开始。）【先从小目标开始。】",
    "Chinese in other brackets": "先从小目标开始。〗",
    "Japanese in brackets": "小さく始めましょう。〉］｝",
    "Mongolian": "ᠪᠢᠴᠢᠭ\u1803",
    "Manchu": "ᠪᡳᡨᡥᡝ\u1809",
    "Tibetan": "བོད་ཡིག\u0f0d",
    "Georgian": "დაიწყეთ მცირედით.",
}


WITH_DATA_AT_THE_END = {
    "mailbox": "Ask for the plan.\nE-mail: elena@example.org",
    "telephone": "Ask for the plan.\nPhone: 415-555-0132",
    "mailbox in a sentence": "Write to kim@example.org",
    "host": "Ask for the plan.\nHost: 203.0.113.7",
    "mailbox in brackets": "Write to Kim (kim@example.org)",
    "bold telephone": "Ask for the plan.\n**Phone:** +49 30 1234567",
    "two telephones": "Ask for the plan.\nPhone: 415-555-0132 / 415-555-0199",
    "two mailboxes": "Write to kim@example.org or lee@example.org",
    "card": "Ask for the plan.\nCard: 4111 1111 1111 1111",
}
CUT_OFF_BEHIND_DATA = {
    "mailbox": "Write to kim@example.org and the",
    "telephone": "Call 415-555-0132 or your",
    "telephone at the end": "The one whom you could call at 415-555-0132",
}

LONG = 200_000
SECONDS = 20


@pytest.mark.parametrize("name", CUT_OFF)
def test_a_text_that_is_cut_off_is_recognised_by_its_sign(name: str) -> None:
    text, sign = CUT_OFF[name]

    assert sign_of_truncation(text) == sign


@pytest.mark.parametrize("name", WITH_DATA_AT_THE_END)
def test_a_whole_text_is_whole_when_its_data_became_placeholders(name: str) -> None:
    text = WITH_DATA_AT_THE_END[name]
    redacted, redactions = Redactor([text]).redacted(text)

    assert redactions
    assert [sign_of_truncation(text), sign_of_truncation(redacted)] == [None, None]


@pytest.mark.parametrize("name", CUT_OFF_BEHIND_DATA)
def test_a_text_that_is_cut_off_is_cut_off_when_its_data_became_placeholders(name: str) -> None:
    text = CUT_OFF_BEHIND_DATA[name]
    redacted, redactions = Redactor([text]).redacted(text)

    assert redactions
    assert [sign_of_truncation(text), sign_of_truncation(redacted)] == [NO_END, NO_END]


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_text_is_left_alone(name: str) -> None:
    assert sign_of_truncation(WHOLE[name]) is None


@pytest.mark.parametrize("name", WHOLE)
def test_a_sentence_that_breaks_off_behind_a_whole_text_is_recognised(name: str) -> None:
    """Whatever came before."""
    assert sign_of_truncation(f"{WHOLE[name]}\n\nAnd then you could") is not None


@pytest.mark.parametrize(
    "unit",
    [
        '"',
        "`",
        "```\n",
        "~~~\n",
        "*",
        "\\n",
        "- ",
        "\n",
        "a,\n",
        "(",
        "[1]",
        "<a>",
        "😀",
        "a@b.",
        "a|",
        ": 1",
        '"\n\n',
        "A: b\n",
        "    a\n\n",
        "Aa ",
        "Best, A",
        "→ ",
        "(a: ",
        "💡",
        ": **",
    ],
)
def test_the_time_for_a_hostile_text_grows_with_its_length(unit: str) -> None:
    """A quadratic search would take minutes."""
    text = unit * (LONG // len(unit))

    with bounded_cpu_time(SECONDS):
        sign_of_truncation(text)
