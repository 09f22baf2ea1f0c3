# ruff: noqa: RUF001 - The signs of other scripts look like ours.
"""A canned refusal is told from an answer of someone who cannot help with one thing, and says what does help."""

import pytest

from tests.support.bounded import bounded_cpu_time
from training_files.domain.health.refusals import AS_A_MODEL, REFUSES, refusals_in

HELP = "Write down what comes in and what goes out each month. Then look at the three largest lines together. " * 8

MODELS = {
    "language model": ("As an AI language model, I can't give advice.", 0),
    "large language model": ("As a large language model trained by someone, I have no bank account.", 0),
    "in the middle": (f"{HELP}However, as an AI language model, I cannot see your account.", len(HELP) + 9),
    "assistant that cannot": ("As an AI assistant, I don't have feelings.", 0),
    "AI that is unable": ("As an AI, I am not able to see your account.", 0),
    "I am one": (f"{HELP}I'm just an AI language model.", len(HELP)),
    "knowledge": ("As of my last knowledge update, the limit was $6,500.", 0),
    "cutoff": (f"{HELP}My knowledge cutoff is in 2023.", len(HELP)),
    "German": ("Als KI-Sprachmodell kann ich keine Beratung geben.", 0),
    "German AI": ("Als KI kann ich Ihnen leider keine Auskunft geben.", 0),
    "German behind a clause": ("Als Sprachmodell, das trainiert wurde, kann ich das nicht sehen.", 0),
    "Spanish without a comma": ("Como modelo de lenguaje no tengo acceso a tu cuenta.", 0),
    "Spanish": ("Como modelo de lenguaje, no puedo ver tu cuenta.", 0),
    "Spanish AI": ("Como inteligencia artificial, no tengo sentimientos.", 0),
    "French": ("En tant que modèle de langage, je ne peux pas voir votre compte.", 0),
    "French AI": ("En tant qu'IA, je n'ai pas de sentiments.", 0),
    "Portuguese": ("Como modelo de linguagem, não posso ver sua conta.", 0),
    "Italian": ("Come modello linguistico, non posso vedere il tuo conto.", 0),
    "Chinese": ("作为一个人工智能语言模型，我无法查看您的账户。", 0),
    "Japanese": ("AI言語モデルとして、口座を見ることはできません。", 0),
}
REFUSED = {
    "sorry": ("I'm sorry, but I can't assist with that.", 0),
    "sorry, with a curly apostrophe": ("I’m sorry, but I can’t help with that request.", 0),
    "apology": ("I apologize for that. I cannot fulfill this request.", 22),
    "bare": ("I can't help with that.", 0),
    "long words": ("I am unable to comply with your request.", 0),
    "with an offer": ("Sorry, I can't assist with that. Let me know if there is anything else I can help with!", 0),
    "to answer": ("I'm sorry, but I cannot answer that question.", 0),
    "to continue": ("I'm sorry, but I won't engage with this topic.", 0),
    "without an object": ("Unfortunately, I cannot help you.", 0),
    "guidelines": ("I cannot create content that goes against my guidelines.", 0),
    "German": ("Es tut mir leid, aber dabei kann ich Ihnen nicht helfen.", 0),
    "German request": ("Tut mir leid, ich kann diese Anfrage leider nicht erfüllen.", 0),
    "Spanish": ("Lo siento, pero no puedo ayudarte con eso.", 0),
    "Spanish request": ("Lo siento, no puedo cumplir con esa solicitud.", 0),
    "French": ("Je suis désolé, mais je ne peux pas vous aider avec cela.", 8),
    "French request": ("Désolée, je ne peux pas répondre à cette demande.", 0),
}
ANSWERS = {
    "sentences": HELP,
    "cannot help with one thing": "I can't help with that form today, but the office can. Ask for Kim.",
    "cannot tell one thing": "I'm sorry, but I can't tell you the figure without your tax return. Could you send it?",
    "refuses and helps": "I can't help with that, but here is what I would do first: call the bank.",
    "refuses and goes on at length": f"I'm sorry, but I can't help with that. {HELP}",
    "in the middle of an answer": f"{HELP}I can't help with that.",
    "sympathy": "I'm sorry that you went through this. You can't help that.",
    "someone else's refusal": "They said they cannot help with that. Ask in writing.",
    "quoted refusal": 'The bank will say: "I can\'t help with that." Ask for the manager.',
    "quoted model": 'Some answers begin with "As an AI language model, I cannot", and help nobody.',
    "about models": "It is known as a large language model, trained on much text.",
    "about a job": "As an AI engineer, I would look at the data first.",
    "about AI": "AI can help with that: it sorts receipts.",
    "own update": "As of my last visit to the bank, the rate was 4 %.",
    "German sympathy": "Es tut mir leid, dass es so schwer war. Das kann ich gut verstehen.",
    "German form": "Bei diesem Formular kann ich heute nicht helfen, aber das Amt kann es.",
    "German as": "Als Kind kann man das nicht wissen. Als KI gilt heute vieles.",
    "German about models": "Als Sprachmodell, wie ChatGPT eines ist, gilt ein Programm, das Texte fortsetzt.",
    "Spanish about the body": "Como modelo de lenguaje corporal, mantén la espalda recta.",
    "French about the body": "En tant que modèle de langage corporel, tiens-toi droite.",
    "Spanish sympathy": "Lo siento mucho. No puedo imaginar lo difícil que fue.",
    "Spanish as": "Como modelo de ahorro, no está mal.",
    "French sympathy": "Je suis désolé que ce soit si dur. Je ne peux pas imaginer.",
    "French as": "En tant que modèle d'épargne, c'est bien.",
    "Chinese": "作为第一步，我们先看看预算。",
    "in code": "```\nAs an AI language model, I cannot.\n```\nThat is all.",
}

LONG = 200_000
SECONDS = 20


@pytest.mark.parametrize("name", MODELS)
def test_a_target_that_speaks_as_a_model_is_found_at_its_place(name: str) -> None:
    text, offset = MODELS[name]

    assert next(refusals_in(text)) == (offset, AS_A_MODEL)


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_is_found_at_its_place(name: str) -> None:
    text, offset = REFUSED[name]

    assert list(refusals_in(text)) == [(offset, REFUSES)]


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_left_alone(name: str) -> None:
    assert list(refusals_in(ANSWERS[name])) == []


@pytest.mark.parametrize(
    "unit",
    [
        "I'm sorry, ",
        "As an AI ",
        "As an AI, I am ",
        ". ",
        "\n",
        "I cannot provide ",
        "Als KI kann ich a ",
        "\u4f5c\u4e3a",
    ],
)
def test_the_time_for_a_hostile_text_grows_with_its_length(unit: str) -> None:
    text = unit * (LONG // len(unit))

    with bounded_cpu_time(SECONDS):
        list(refusals_in(text))
