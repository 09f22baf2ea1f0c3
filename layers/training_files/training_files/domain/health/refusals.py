"""Targets that refuse to answer, or speak as a language model and not as the one whom the model is to play.

What is meant is the canned phrase, at the beginning of a target that says little else. Someone who cannot help with one
thing and says what helps instead refuses nothing.
"""

import re
from collections.abc import Iterator

from training_files.domain.health.code_blocks import without_code

AS_A_MODEL = "speaks as a language model"
REFUSES = "refuses to answer"

# In the midst of a sentence, someone speaks of models: known as a large language model.
BEGIN_OF_CLAUSE = r"(?:^|(?<=[\n.!?,;:\u2014\u2026] )|(?<=\n)|(?<=but )|(?<=and )|(?<=However ))"
AI = r"(?:AI|artificial intelligence)(?: (?:assistant|model|system|chatbot|program))?"
DO_NOT = r"(?:['\u2019]m (?:not|unable)| (?:am (?:not|unable)|can(?:not|['\u2019]t)|don['\u2019]t|do not))"
ALS_KI = r"Als (?:eine )?(?:KI|künstliche Intelligenz|KI-Assistent(?:in)?|KI-Modell)"
KANN_ICH = r"(?:kann|habe|bin|darf|verfüge|besitze)"
# With a clause between, it is the writer who is one only if he says "ich".
ICH_KANN = rf"(?:(?:, [^.!?\n]{{1,80}})?, {KANN_ICH} ich| (?:{KANN_ICH}|wurde))\b"
# The language of the body is one, too.
DE_UNA_IA = (
    r"(?=,| (?:no|não|yo|eu|mi|grande|entrenado|treinado|desarrollado|desenvolvido|creado|criado|basado"
    r"|de (?:IA|inteligencia)"
    r"|artificial|soy|sou|tengo|solo)\b)"
)
PHRASES_OF_MODELS = (
    r"As an? (?:(?:large|AI|text-based|advanced) ){0,3}language model(?=,| (?:I|my|trained|developed|created)\b)",
    rf"As an {AI}(?: (?:developed|created|trained) by \w{{1,20}})?, I{DO_NOT}\b",
    r"I(?:['\u2019]m| am) (?:just |only )?an? (?:AI|large) language model\b",
    r"(?:As of|Up to|Since) my (?:last|latest) (?:knowledge |training )?(?:update|cut-?off)\b",
    r"My knowledge (?:cut-?off|was last updated)\b",
    rf"Als (?:ein )?(?:großes )?(?:KI-?)?Sprachmodell(?={ICH_KANN})",
    rf"{ALS_KI} {KANN_ICH} ich (?:\w{{1,20}} ){{0,4}}(?:nicht|keine?n?)\b",
    rf"Como (?:un )?(?:gran )?modelo de (?:(?:lenguaje|linguagem){DE_UNA_IA}|(?:IA|inteligencia artificial)\b)",
    r"Como (?:una? )?(?:IA|inteligencia artificial|asistente de IA|asistente virtual),? (?:yo )?no\b",
    r"En tant que (?:grand )?modèle (?:de langage|de langue|linguistique|d['\u2019]IA)\b(?! corporel)",
    r"En tant qu['\u2019](?:IA|intelligence artificielle|assistant IA|assistant virtuel),? je n(?:e\b|['\u2019])",
    r"Come modello linguistico\b",
)
A_MODEL = re.compile(rf"{BEGIN_OF_CLAUSE}(?:{'|'.join(PHRASES_OF_MODELS)})", re.IGNORECASE)
# One of these is in each of them. To look for them is much quicker.
MARKS_OF_MODELS = (
    *("language model", "as an ai", "as an artificial", " my last ", " my latest ", "my knowledge "),
    *("sprachmodell", "als ki", "als eine ki", "als künstliche", "als eine künstliche"),
    *("como ia", "como una", "como un ", "como gran", "como modelo", "como inteligencia", "como asistente"),
    *("en tant qu", "modello linguistico", "语言模型", "言語モデル"),
)
A_MODEL_IN_CHINESE_OR_JAPANESE = re.compile(
    "作为(?:一个|一款|一名)?(?:大型)?(?:AI|人工智能)?语言模型|(?:AI|大規模)言語モデルとして"
)

SORRY = (
    r"(?:I(?:['\u2019]m| am) (?:so |very |really |truly )?(?:sorry|afraid)|Sorry|(?:My )?apologies|Unfortunately),? "
    r"(?:but |that )?"
)
CANNOT = (
    r"I(?: can(?:['\u2019]t|not| not)| won['\u2019]t| will not| must decline to"
    r"|(?: am|['\u2019]m) (?:unable|not able|not allowed) to)"
)
# All that was asked: with this request, and not with this form.
THIS = r"(?:that|this|it|(?:that|this|your) (?:specific |particular )?(?:request|question|query|topic|task))(?! ?\w)"
DAMIT = (
    r"(?:dabei|damit|bei dieser (?:Anfrage|Bitte|Frage|Aufgabe)|(?:diese|dieser|Ihre|deine) (?:Anfrage|Bitte|Frage))"
)
ES_TUT_MIR_LEID = r"(?:Es )?tut mir (?:sehr )?leid,? (?:aber )?"
IHNEN = r"(?:(?:Ihnen|dir|euch|leider) ){0,2}"
HELFEN = r"(?:(?:weiter)?helfen|behilflich|dienen|nachkommen|erfüllen|beantworten|bearbeiten)\b"
NO_PUEDO = r"Lo (?:siento|lamento)(?: mucho)?,? (?:pero )?no (?:puedo|me es posible)"
AYUDAR = r"(?:(?:ayudar|asistir)(?:te|le|los)? (?:con|en)|cumplir(?: con)?|continuar con|responder(?: a)?)"
EN_ESO = r"(?:eso|esto|(?:esa|esta|su|tu) (?:solicitud|petición|pregunta|tarea))(?! ?\w)"
JE_NE_PEUX = r"désolée?,? (?:mais )?je ne (?:peux pas|suis pas en mesure de|peux)"
AIDER = r"(?:(?:vous |t['\u2019])?aider (?:avec|à|pour|sur)|répondre à|accéder à|donner suite à)"
A_CELA = r"(?:cela|ça|(?:cette|votre|ta) (?:demande|requête|question))(?! ?\w)"
PHRASES_OF_REFUSAL = (
    rf"(?:{SORRY})?{CANNOT} (?:(?:assist|help)(?: you)? with|comply with|fulfill?) {THIS}",
    rf"{SORRY}{CANNOT} (?:answer|complete|continue with|respond to|discuss|engage (?:in|with)|provide|do) {THIS}",
    rf"{SORRY}{CANNOT} (?:assist|help|comply|answer|do so)(?: you)?(?=[.!]|$)",
    rf"(?:{SORRY})?{CANNOT} (?:provide|generate|create|write|engage in|discuss) [^.!?\n]{{1,80}} my guidelines\b",
    rf"{ES_TUT_MIR_LEID}{DAMIT} kann ich {IHNEN}nicht {HELFEN}",
    rf"{ES_TUT_MIR_LEID}ich kann {IHNEN}{DAMIT} (?:leider )?nicht {HELFEN}",
    rf"{NO_PUEDO} {AYUDAR} {EN_ESO}",
    rf"{JE_NE_PEUX} {AIDER} {A_CELA}",
)
REFUSAL = re.compile(rf"\b(?:{'|'.join(PHRASES_OF_REFUSAL)})", re.IGNORECASE)
# Help behind it: but here is what I can do. Not: let me know if there is anything else I can help with.
HELP = re.compile(
    r"\b(?:but|however|though|instead|what I can|I can (?!help|assist)|here(?:['\u2019]s| is| are)|let['\u2019]s|aber"
    r"|stattdessen|jedoch|pero|sin embargo|mais|cependant|en revanche)\b",
    re.IGNORECASE,
)
# A refusal stands in the first sentences of a target that is not much longer.
BEGINNING_CHARACTERS = 200
SHORT_CHARACTERS = 500
QUOTES = "\"'\u201c\u2018\u00ab\u201e\u300c"


def refusals_in(target: str) -> Iterator[tuple[int, str]]:
    prose = without_code(target)
    lowered = prose.lower()
    speaks_of_models = any(mark in lowered for mark in MARKS_OF_MODELS)
    for pattern in () if not speaks_of_models else (A_MODEL, A_MODEL_IN_CHINESE_OR_JAPANESE):
        yield from ((match.start(), AS_A_MODEL) for match in pattern.finditer(prose) if not _is_quoted(match))
    if len(prose.strip()) <= SHORT_CHARACTERS:
        match = REFUSAL.search(prose)
        if match and _is_near_the_beginning(match) and not _is_quoted(match) and not HELP.search(prose, match.end()):
            yield match.start(), REFUSES


def _is_near_the_beginning(match: re.Match[str]) -> bool:
    return len(match.string[: match.start()].lstrip()) <= BEGINNING_CHARACTERS


def _is_quoted(match: re.Match[str]) -> bool:
    return match.string[max(0, match.start() - 1) : match.start()] in tuple(QUOTES)
