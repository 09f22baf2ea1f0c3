# ruff: noqa: RUF001 - The signs of other scripts look like ours.
"""Text that was read in the wrong encoding is told from any language that is written as it should be."""

import pytest

from tests.support.bounded import bounded_cpu_time
from training_files.domain.health.mojibake import REPLACED, WRONGLY_DECODED, mojibake_in

# By what it was read as instead of UTF-8.
WRITTEN = {
    "English": "Don’t worry — we’ll look at it.",
    "ellipsis": "Let us see… then.",
    "German": "Schöne Grüße aus Köln, mit Spaß.",
    "French": "Ça a été très dur à gérer, même l’été.",
    "Spanish": "¿Qué te parece? Mañana será más fácil.",
    "Portuguese": "Não é tão difícil, você verá.",
    "Italian": "Perché è così, e non c’è più tempo.",
    "Swedish": "Börja smått, så går det bättre på sikt.",
    "Polish": "Zacznij od małych kroków, będzie łatwiej.",
    "Czech": "Začněte s malými částkami, příští měsíc více.",
    "Turkish": "Küçük adımlarla başlayın, iyi gidecek.",
    "Vietnamese": "Hãy bắt đầu từ những việc nhỏ.",
    "Russian": "Начните с малого.",
    "Greek": "Ξεκινήστε με μικρά βήματα.",
    "Hebrew": "התחל בקטן.",
    "Arabic": "لنبدأ بالميزانية.",
    "Hindi": "छोटी शुरुआत करें।",
    "Chinese": "先从小目标开始。",
    "Japanese": "小さく始めましょう。",
    "Korean": "작게 시작하세요.",
    "pounds": "It costs £40 and weighs 2 kg at 20 °C.",
    "euros": "It costs 40 €.",
    "emoji": "Well done! 🎉",
    "arrow": "Shame → acceptance",
    "check mark": "✓ Done",
    "trade mark": "The Planner™ helps.",
}
BROKEN = {
    "quote without its last byte": ("So â€ it is.", 3, WRONGLY_DECODED),
    "quote of Windows-1252 as Latin-1": ("Don\u0092t worry.", 3, WRONGLY_DECODED),
    "byte order mark": ("ï»¿Hello.", 0, WRONGLY_DECODED),
    "replacement character in it": ("CafÃ¯Â¿Â½ and so on.", 3, WRONGLY_DECODED),
    "replacement character misread": ("Cafï¿½ and so on.", 3, WRONGLY_DECODED),
    "Mac Roman": ("Don‚Äôt worry.", 3, WRONGLY_DECODED),
    "Windows-1251": ("РџСЂРёРІРµС‚, РєР°Рє РґРµР»Р°?", 0, WRONGLY_DECODED),
    "punctuation as Windows-1251": ("Don\u0432\u0402\u2122t worry.", 3, WRONGLY_DECODED),
    "GBK": ("锟斤拷锟斤拷", 0, WRONGLY_DECODED),
    "lost character": ("That is caf\ufffd\ufffd, I think.", 11, REPLACED),
    "lost character in Russian": ("Начни\ufffdе с малого.", 5, REPLACED),
}
CLEAN = {
    **WRITTEN,
    "ASCII": "Three months of expenses is a good first goal.",
    "capitals before quotes": "« CAFÉ », “DÉJÀ”, „SPASS“, ‘NÃO’, “IRMÔ, «IRMû… “ESTÁ”",
    "capitals before dashes and dots": "À… É— Ü– Ä… Å… Ñ” Ö’",
    "sharp s before a quote": "„Gruß“, „Spaß“…",
    "a accented before a quote": "«está», «ya está»… “já”",
    "circumflex at a word's end": "Câ„i? No: crâ, hâ… «hâ».",
    "Swedish river": "Å, så långt… »Å«",
    "Norwegian": "Få oversikt først: «på», «så».",
    "Romanian": "În fiecare lună, puneţi deoparte „câte puţin”.",
    "Icelandic": "Það er góð byrjun, þú getur það.",
    "Hungarian": "Kezdje kicsiben, és örüljön minden lépésnek!",
    "Catalan": "Comenceu a poc a poc: l·lusió, demà, pingüí.",
    "Thai": "เริ่มจากเล็กๆ ก่อนนะคะ",
    "Ukrainian": "Почніть із малого — і їх буде більше.",
    "Serbian": "Почните од мањег, ђаче. Њихов Ђорђе и Џаја.",
    "figures": "±5 %, 20 °C, ½ cup, 3 × 4, 2², ¼–½, £5, ¥500, 5 ¢, §3, © 2020 ®",
    "formula": "√2 ≈ 1.41, √(a² + b²), ∑ x ≤ ∞, α ≠ β, Ø 5 mm",
    "Spanish ordinals": "La 1ª vez, el 2º piso; Nº 3.",
    "no-break spaces": "10\u00a0000\u00a0€ — «\u00a0oui\u00a0»",
    "soft hyphens": "Haus\u00adhalts\u00adbuch",
    "line separators": "One\u2028two\u0085three",
    "emoji of several": "👩‍👩‍👧 🇩🇪 👍🏽 ❤️",
    "code": "It prints `donâ€™t`:\n\n```\ncafÃ©\n```\n\nThat is all.",
    "about encodings": "If you see â€™ in it, it was UTF-8 and was read as Windows-1252.",
    "about the replacement character": "The sign \ufffd is U+FFFD, the replacement character.",
}

LONG = 200_000
SECONDS = 20


def as_windows_1252(text: str) -> str:
    """As Windows does, which takes the five bytes without a character for control characters."""
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in text.encode())


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("read", [as_windows_1252, lambda text: text.encode().decode("latin-1")], ids=["1252", "1"])
def test_utf_8_that_was_read_as_another_encoding_is_found(read: object, name: str) -> None:
    assert callable(read)
    [*messages] = {message for _, message in mojibake_in(read(WRITTEN[name]))}

    assert messages == [WRONGLY_DECODED]


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_text_is_found_at_its_place(name: str) -> None:
    text, offset, message = BROKEN[name]

    assert next(mojibake_in(text)) == (offset, message)


@pytest.mark.parametrize("name", CLEAN)
def test_no_language_is_taken_for_a_broken_text(name: str) -> None:
    assert list(mojibake_in(CLEAN[name])) == []


@pytest.mark.parametrize("unit", ["Ã", "â€", "Ð", "Р", "\ufffd", "éÃ", "ä½", "Â ", "aÄ…"])
def test_the_time_for_a_hostile_text_grows_with_its_length(unit: str) -> None:
    text = unit * (LONG // len(unit))

    with bounded_cpu_time(SECONDS):
        list(mojibake_in(text))
