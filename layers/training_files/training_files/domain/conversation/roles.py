"""Whom the role of a message means, under the names that data sets give to roles."""

from typing import Final, Literal

Role = Literal["user", "assistant"]

SYSTEM: Final = "system"
# Names of ShareGPT (human, gpt; chatgpt, bing and bard in its early dumps), LangChain (human, ai), Gemini (model),
# Cohere (chatbot), OpenAssistant (prompter) and OpenAI (developer); and what those call themselves who ask. Names that
# may be either side's, such as agent, or a tool's are not among them.
MEANT: dict[str, str] = {
    **dict.fromkeys(("user", "human", "prompter", "client", "customer"), "user"),
    **dict.fromkeys(
        ("assistant", "gpt", "chatgpt", "bing", "bard", "ai", "bot", "chatbot", "model"),
        "assistant",
    ),
    **dict.fromkeys((SYSTEM, "developer"), SYSTEM),
}


def role_meant(stated: str) -> str:
    """`user`, `assistant` or `system` for any of their names, in any case; another role as it is stated."""
    return MEANT.get(stated) or MEANT.get(stated.strip().casefold(), stated)
