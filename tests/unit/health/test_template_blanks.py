# ruff: noqa: RUF001 - The signs of other scripts look like ours.
"""A blank that a template left is told from one that the reader is meant to fill in, and from what only looks alike."""

import pytest

from tests.support.bounded import bounded_cpu_time
from training_files.domain.health.template_blanks import template_blanks_in

LEFT = {
    "double braces": ("Thank you, {{client_name}}, for telling me that.", 11),
    "double braces in a system prompt": ("You are {{advisor_name}}, a careful planner.", 8),
    "double braces with spaces": ("You are {{ advisor.name }}, a planner.", 8),
    "double braces with a filter": ("Hello {{ name | title }}, good to see you.", 6),
    "amount in double braces": ("You owe ${{balance}} on the first card.", 9),
    "single braces": ("Hi {client_name}, good to see you again.", 3),
    "single braces around a first name": ("Dear {first_name}, you did well.", 5),
    "to insert": ("Hi [Insert client name], let us look at it.", 3),
    "to insert, small": ("You saved [insert amount here] last year.", 10),
    "client": ("Good to hear from you, [Client Name Here].", 23),
    "client's": ("Good to hear from you, [Client's Name].", 23),
    "company": ("At [Company Name] we begin with a budget.", 3),
    "own name": ("I am [Your Name], and I will go through it with you.", 5),
    "own name below a letter of one's own": ("Dear Ana,\n\nyour plan is ready.\n\nBest regards,\n[Your Name]", 46),
    "figures": ("You would save $XX,XXX in three years.", 15),
    "figures in millions": ("It grows to $X,XXX,XXX... no, to $XX,XXX,XXX by then.", 33),
    "figures in euros": ("That makes €XXX a month.", 11),
    "percentage": ("Put XX% of it aside.", 4),
    "angle brackets": ("At <your company> we begin with a budget.", None),
    "angle brackets around a name": ("Thank you, <client name>, for asking.", 11),
    "in German": ("Guten Tag [Name des Kunden], schön, dass Sie da sind.", 10),
    "to insert, in German": ("Sie sparen [Betrag einfügen] im Jahr.", 11),
    "in Spanish": ("Hola [Nombre del cliente], gracias por escribir.", 5),
    "in French": ("Bonjour [Nom du client], merci de votre question.", 8),
    "in Chinese": ("您好，【客户姓名】，我们先看看预算。", 3),
    "to insert, in a greeting": ("Dear [Insert client name], thank you.", 5),
    "in a greeting of a text about a worksheet": ("Dear [Insert client name], thank you for the worksheet.", 5),
    "behind thanks for a message": ("Thank you for your message, [Client Name].", 28),
    "behind an example": ("For example, you would save $XX,XXX in three years.", 28),
    "behind a copy": ("I made a copy for you, [Client's Name].", 23),
    "behind a script": ("That flips the script, [Client Name].", 23),
    "behind an e-mail": ("I read your e-mail. I am [Your Name], and we will go through it.", 25),
    "in Chinese, behind a word": ("您好[客户姓名]，我们先看看预算。", 2),
    "braces in Chinese": ("您好{{client_name}}，我们先看看预算。", 2),
    "name alone": ("Thank you, [Name], for telling me that.", 11),
    "name behind a salutation": ("Dear [Name],\n\nyour plan is ready.", 5),
    "first name": ("Hi [first name], good to see you.", 3),
    "name that begins": ("[Name], thank you for telling me that.", 0),
    "to insert behind a verb": ("Put [insert amount] aside each month.", 4),
    "braces behind a verb": ("Use {{tone}} in all answers.", 4),
    "behind code": ("Run `echo {{ name }}` first. Then, {{client_name}}, wait.", 35),
}

MEANT = {
    "sentences": "Three months of expenses is a good first goal.",
    "line to fill in": "Fill this in:\n\nGoal: ______\nAmount: $______\nBy when: ____",
    "box to fill in": "Name: [ ]\nDate: [ ]",
    "task list": "- [ ] Call the bank\n- [x] Write it down",
    "link": "Read [your name](https://example.com) and [Client name](https://example.com/client).",
    "definition of a link": "[your name]: https://example.com",
    "reference link": "See [the form][client name] for it.",
    "footnote": "It pays 4 %.[^1]\n\n[^1]: Before tax.",
    "source": "Most people stop too early [1, 2].",
    "remark": "She said: “I will do it [the call] today.”",
    "stage direction": "[Laughs] That is one way to see it.",
    "code": "Write:\n\n```jinja\nHello {{ client_name }}\n```\n\nThat is all.",
    "code in the line": "Write `{{ client_name }}` or `{client_name}` there.",
    "about templates": "In Jinja, {{ client_name }} becomes the name.",
    "about merge fields": "Type {{FirstName}} where the merge field belongs.",
    "about placeholders": "Replace the placeholder [Your Name] before you send it.",
    "formula": r"So \frac{{ab}}{{cd}} and x^{{mn}} and \mathbf{{xy}}.",
    "set": "So {x} and {name_of_it} are sets.",
    "path": "The address is /clients/{client_name} there.",
    "secret of a workflow": "It reads ${{ secrets.DEPLOY_KEY }} there.",
    "a variable of algebra": "If you save $X a month, you have $12X a year.",
    "formula between dollars": r"Let $XX^T$ be the matrix and $XXX$ the word.",
    "Roman numbers": "Louis XX never was; the XX century was long.",
    "draft of a letter": "Here is a draft:\n\nDear [Landlord],\n\nI am late with the rent.\n\nSincerely,\n[Your Name]",
    "letter to adapt": "You could write: “To whom it may concern, I am [your name].” Adapt the letter as you like.",
    "script of a call": "A script for the call: “I can pay $XXX a month.”",
    "sample in German": "Eine Vorlage:\n\nSehr geehrte Damen und Herren,\n\n[Ihr Name]",
    "sample in Spanish": "Una plantilla para la carta:\n\nAtentamente,\n[Tu nombre]",
    "table of a budget": "| Item | Amount |\n|---|---|\n| Rent | $XXX |",
    "what others write": "Job ads write $XX,XXX when they do not want to say it.",
    "sentence for a card": "My goal is to save $XX,XXX by [insert date] — write that on a card.",
    "where to put it": "Put [your name] and the date at the top.",
    "where to put it in braces": "Use {{first_name}} where the name belongs.",
    "letter to nobody known": "Dear Sir or Madam,\n\nI am late with the rent.\n\nSincerely,\n[Your name]",
    "letter to whom it may concern": "To whom it may concern,\n\nI am late.\n\n[Your name]",
    "letter to a blank": "Dear [Landlord],\n\nI am late with the rent.\n\n[Your name]",
    "letter below a greeting": "Hi Ana,\n\nsend this:\n\nDear Sir,\nI am late.\n\n[Your name]",
    "words to say": "When they call, say: I am [your name], and I can pay $XXX.",
    "words in quotes": "You could begin with “I am [your name]” and wait.",
    "message to send": "A message you could send:\n\nHi [Name], can we talk about the rent?",
    "quoted block": "> Hi [Name], can we talk about the rent?",
    "name in a form": "Name: [Name]\nDate: [Date]",
    "array": "So list[name] and row[first_name], too.",
    "HTML": "<b>Your company</b> and <your-company> are two things.",
    "CSS": "body {color: red} and {name: 1}",
    "escape in Markdown": r"\[insert name] is what it says.",
}

LONG = 200_000
SECONDS = 20


@pytest.mark.parametrize("name", LEFT)
def test_a_blank_that_was_left_is_found_at_its_place(name: str) -> None:
    text, offset = LEFT[name]

    assert [place for place, _ in template_blanks_in(text)][:1] == [text.index("<") if offset is None else offset]


@pytest.mark.parametrize("name", MEANT)
def test_what_is_meant_to_be_there_is_left_alone(name: str) -> None:
    assert list(template_blanks_in(MEANT[name])) == []


def test_every_blank_is_found_in_the_order_of_the_text() -> None:
    text = "Hi [Client Name], {{advisor_name}} saved you $XX,XXX."

    assert [place for place, _ in template_blanks_in(text)] == [3, 18, 45]


@pytest.mark.parametrize(
    "unit",
    [
        "{{a",
        "{{ ab }}",
        "[insert ",
        "[insert a]",
        "$XX",
        "$XX,XXX ",
        "XX%",
        "<your ",
        "{{a b|",
        "[Name], ",
        "write ",
        "$XX | ",
        "Hi [",
        "\n> ",
    ],
)
def test_the_time_for_a_hostile_text_grows_with_its_length(unit: str) -> None:
    text = unit * (LONG // len(unit))

    with bounded_cpu_time(SECONDS):
        list(template_blanks_in(text))
