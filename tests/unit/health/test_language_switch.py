# ruff: noqa: RUF001 - The signs of other scripts look like ours.
"""A target in another language than the user's text is found where it is sure; lessons and translations are not."""

import itertools

import pytest

from tests.support.bounded import bounded_cpu_time
from training_files.domain.health.function_words import language_of
from training_files.domain.health.language_switch import language_switches_in, names_a_language
from training_files.domain.health.scripts import script_of

# What users ask, by language; each is a text of several sentences.
SURE = {
    "English": "I owe money on two cards and I don't know where to start. What would you do with this first, and why?",
    "German": "Ich habe Schulden auf zwei Karten und weiß nicht, wo ich anfangen soll. Wie fangen Sie das an?",
    "Spanish": "Tengo deudas en dos tarjetas y no sé cómo empezar. ¿Qué puedo hacer? Los gastos son muy altos.",
    "French": "Je dois de l'argent sur deux cartes et je ne sais pas où commencer. Que faire avec les dettes?",
    "Italian": "Ho debiti su due carte e non so da dove iniziare. Che cosa è meglio per noi? Sono anche molto stanco.",
    "Portuguese": "Eu tenho dívidas em dois cartões e não sei por onde começar. Você me ajuda? Estou muito cansado.",
    "Russian": "У меня долги по двум картам, и я не знаю, с чего начать. Что бы вы сделали сначала?",
    "Greek": "Χρωστάω χρήματα σε δύο κάρτες και δεν ξέρω από πού να αρχίσω. Τι θα κάνατε πρώτα;",
    "Arabic": "أنا مدين بالمال على بطاقتين ولا أعرف من أين أبدأ. ماذا تفعل أولا؟",
    "Hebrew": "אני חייב כסף בשני כרטיסים ואני לא יודע מאיפה להתחיל. מה היית עושה קודם?",
    "Hindi": "मुझ पर दो कार्डों का कर्ज है और मुझे नहीं पता कि कहाँ से शुरू करूँ। आप क्या करेंगे?",
    "Thai": "ฉันเป็นหนี้บัตรสองใบและไม่รู้ว่าจะเริ่มจากตรงไหน คุณจะทำอะไรก่อน",
    "Chinese": "我有两张信用卡的债务，不知道从哪里开始。您会先做什么？",
    "Japanese": "カードが二枚あって、どこから始めればいいのか分かりません。まず何をしますか。",
    "Korean": "카드 두 장에 빚이 있는데 어디서부터 시작해야 할지 모르겠어요. 먼저 무엇을 하시겠어요?",
}
SIX = ("English", "German", "Spanish", "French", "Italian", "Portuguese")
# Languages in Latin letters that are none of the six: in which of them a text is, nobody says.
OTHERS = {
    "Dutch": "Ik heb schulden op twee kaarten en ik weet niet waar ik moet beginnen. Wat zou u eerst doen?",
    "Swedish": "Jag har skulder på två kort och vet inte var jag ska börja. Vad skulle du göra först med pengarna?",
    "Polish": "Mam długi na dwóch kartach i nie wiem, od czego zacząć. Co zrobiłby pan najpierw?",
    "Turkish": "İki kartta borcum var ve nereden başlayacağımı bilmiyorum. Önce ne yapardınız?",
    "Vietnamese": "Tôi nợ tiền trên hai thẻ và không biết bắt đầu từ đâu. Bạn sẽ làm gì trước với số tiền này?",
    "Indonesian": "Saya punya utang di dua kartu dan tidak tahu harus mulai dari mana. Apa yang Anda lakukan dulu?",
    "Serbian": "Imam dugove na dve kartice i ne znam odakle da počnem. Šta biste vi prvo uradili sa tim novcem?",
    "Hindi": "Mujhe do card ka karz hai aur mujhe nahi pata ki kahan se shuru karun. Aap pehle kya karenge?",
}
NOT_SURE = {
    "translation": (
        "How do you say good morning to everyone in French, and what would be the answer to it?",
        SURE["French"],
    ),
    "translation into another script": (
        "Please translate for me: good morning to you and to all of them.",
        SURE["Russian"],
    ),
    "asked for in German": (
        "Kannst du mir das bitte ins Spanische übersetzen, ich verstehe es nicht und wir sind in Eile?",
        SURE["Spanish"],
    ),
    "asked for in Chinese": ("请把这个句子翻译成英文，谢谢您，我真的很需要它。", SURE["English"]),
    "request in front": (f"Summarize this:\n{SURE['Spanish']}", SURE["English"]),
    "request in front of another script": (f"Summarize this: {SURE['Chinese']}", SURE["English"]),
    "request in a sentence": (f"What is the gist of this? {SURE['Spanish']} {SURE['Spanish']}", SURE["English"]),
    "request behind": (f"{SURE['Chinese']} Can you sum this up for me?", SURE["English"]),
    "lesson": (SURE["English"], f"“{SURE['French']}” is what you would say. {SURE['English']}"),
    "lesson in another script": (SURE["English"], f"{SURE['Russian']} This means: {SURE['English']}"),
    "quotation": (f"{SURE['English']} My mother said: {SURE['Spanish']}", SURE["Spanish"]),
    "short text": ("Ok, thanks!", SURE["Spanish"]),
    "short target": (SURE["English"], "Sí."),
    "figures": (SURE["English"], "1,200 + 3,400 = 4,600"),
    "code": (SURE["English"], f"```\n{SURE['Russian']}\n```"),
    "names": (SURE["English"], f"{SURE['English']} Ask for Мария or 王小明."),
    "romanised": (OTHERS["Hindi"], SURE["Hindi"]),
    "two scripts of one language": (OTHERS["Serbian"], SURE["Russian"]),
    "Urdu and Hindi": (
        "مجھ پر دو کارڈوں کا قرض ہے اور مجھے نہیں معلوم کہ کہاں سے شروع کروں، آپ کیا کریں گے؟",
        SURE["Hindi"],
    ),
    "nothing": ("", ""),
}

LONG = 200_000
SECONDS = 20


@pytest.mark.parametrize(
    ("asked", "answered"), [pair for pair in itertools.permutations(SURE, 2) if set(pair) != {"Arabic", "Hindi"}]
)
def test_another_language_is_found(asked: str, answered: str) -> None:
    """Save where both scripts serve one language, as Urdu and Hindi are."""
    [(offset, _)] = language_switches_in(f"\n{SURE[answered]} {SURE[answered]}", SURE[asked])

    assert offset == 1


@pytest.mark.parametrize("language", SURE)
def test_the_same_language_is_left_alone(language: str) -> None:
    assert list(language_switches_in(f"{SURE[language]} {SURE[language]}", SURE[language])) == []


@pytest.mark.parametrize(("other", "language"), list(itertools.product(OTHERS, SIX)))
def test_of_a_language_that_is_not_known_nothing_is_said(other: str, language: str) -> None:
    assert list(language_switches_in(SURE[language], OTHERS[other])) == []
    assert list(language_switches_in(OTHERS[other], SURE[language])) == []


@pytest.mark.parametrize("name", NOT_SURE)
def test_what_is_not_sure_is_left_alone(name: str) -> None:
    asked, target = NOT_SURE[name]

    assert list(language_switches_in(target, asked)) == []


@pytest.mark.parametrize("language", SIX)
def test_a_language_is_told_by_its_function_words(language: str) -> None:
    assert language_of(SURE[language]) == language


@pytest.mark.parametrize("other", OTHERS)
def test_no_other_language_is_taken_for_one_of_the_six(other: str) -> None:
    assert language_of(f"{OTHERS[other]} " * 3) is None


def test_a_script_is_told_by_its_letters() -> None:
    assert [script_of(SURE[each]) for each in ("English", "Chinese", "Japanese", "Korean", "Thai")] == [
        "Latin",
        "Han",
        "Kana",
        "Hangul",
        "Thai",
    ]
    assert script_of(SURE["Chinese"] + SURE["Russian"]) is None
    assert script_of("") is None


@pytest.mark.parametrize(
    "text",
    [
        "Answer in Spanish.",
        "Translate what I say.",
        "Sprich bitte Französisch.",
        "用英文回答",
        "日本語で答えて",
        "Ответь на русском",
    ],
)
def test_a_text_that_asks_for_a_language_names_one(text: str) -> None:
    assert names_a_language(text)


@pytest.mark.parametrize("text", ["You are a careful planner.", "Sei ehrlich.", "我们看看预算", "予算を見ましょう"])
def test_other_texts_name_none(text: str) -> None:
    assert not names_a_language(text)


@pytest.mark.parametrize("unit", ["a ", "the ", "\u6211", "\u0430", ":", "\n", "un "])
def test_the_time_for_a_hostile_text_grows_with_its_length(unit: str) -> None:
    text = unit * (LONG // len(unit))

    with bounded_cpu_time(SECONDS):
        list(language_switches_in(text, text))
