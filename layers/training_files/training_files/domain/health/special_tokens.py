"""Control tokens of chat templates, written out in a text.

A tokenizer takes them for what they are: they end a turn, or begin one that nobody said. That is so within code too.
"""

import re
from collections.abc import Iterator

# Of OpenAI, Llama 3 and 4, Qwen, Phi, GLM, and of models for code. Between other bars DeepSeek writes its own.
NAMES = (
    "im_start|im_end|im_sep|endoftext|startoftext|endofprompt|endofturn|begin_of_text|end_of_text|eot|eot_id|eom_id"
    "|start_header_id|end_header_id|header_start|header_end|finetune_right_pad_id|python_tag|begin_of_sentence"
    "|end_of_sentence|user|assistant|system|tool|observation|end|start|message|channel|constrain|return|call|bos|eos|pad"
    "|unk|sep|eod|prompter|fim_(?:prefix|middle|suffix|pad)|repo_name|file_sep|vision_(?:start|end|pad)|image_pad"
    r"|reserved_special_token_\d{1,3}"
)
TOKEN = re.compile(
    rf"<\|(?:{NAMES})\|>|<\uff5c[\w\u2581]{{1,40}}\uff5c>"
    # Gemma
    r"|<(?:start|end)_of_turn>|<(?:bos|eos|pad|unk)>"
    # Llama 2, Mistral
    r"|\[/?INST\]|<</?SYS>>|\[/?(?:SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_RESULTS)\]|\[TOOL_CALLS\]"
)
END_OF_SEQUENCE = "</s>"
# HTML strikes through what stands between.
BEGIN_OF_STRIKE = ("<s>", "<s ")


def special_tokens_in(text: str) -> Iterator[tuple[int, str]]:
    """The first of them."""
    if "<" not in text and "[" not in text:
        return
    token = TOKEN.search(text)
    places = [token.start()] if token else []
    if END_OF_SEQUENCE in text and not any(begin in text for begin in BEGIN_OF_STRIKE):
        places.append(text.index(END_OF_SEQUENCE))
    if places:
        yield min(places), "holds a control token of chat templates, which ends or forges a turn in training"
