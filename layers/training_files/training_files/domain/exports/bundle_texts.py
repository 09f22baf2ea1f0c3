"""The texts of a bundle: what stands beside the rows so that an unpacked archive can be trained on at once."""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from training_files.domain.exports.bundle import Bundle, FileKind, archived_files
from training_files.domain.exports.recipes import COMMANDS, has_recipe, quoted, recipes_of
from training_files.domain.exports.schema import METADATA_FEATURES, Features, features_of
from training_files.domain.exports.splits import SPLITS, SplitRequest
from training_files.domain.exports.target import Target
from training_files.domain.exports.targets import TARGETS, TargetName
from training_files.domain.spelling import plain_number

Json = dict[str, Any]

# Up to how many rows, by the names that Hugging Face gives to sizes.
SIZE_CATEGORIES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
)
LARGEST_SIZE_CATEGORY = "1M<n<10M"
SERVICES: tuple[TargetName, ...] = (
    "bedrock_nova",
    "bedrock_llama",
    "together",
    "fireworks",
    "gemini",
    "azure_openai",
    "jumpstart",
    "mistral",
    "openai",
    "bedrock_claude",
)


def bundle_texts(bundle: Bundle) -> dict[str, bytes]:
    """The other files of the archive, by name; the manifest, which lists all but itself, is the last."""
    recipes = {name: text.encode() for name, text in recipes_of(bundle).items()}
    texts = {"README.md": _readme(bundle).encode(), **recipes}
    return texts | {"manifest.json": _indented(_manifest(bundle, texts))}


def _manifest(bundle: Bundle, texts: Mapping[str, bytes]) -> Json:
    rows = [
        {"name": name, "kind": file.kind, "split": file.split, "rows": file.rows}
        | {"bytes": file.bytes, "sha256": file.sha256}
        for name, file in archived_files(bundle).items()
    ]
    others = [
        {"name": name, "kind": "text", "split": None, "rows": None}
        | {"bytes": len(text), "sha256": hashlib.sha256(text).hexdigest()}
        for name, text in texts.items()
    ]
    return {
        "training_file": {"id": bundle.training_file_id, "name": bundle.training_file_name},
        "revision": bundle.revision,
        "tags": list(bundle.tags),
        "format": bundle.format,
        "granularity": bundle.granularity,
        "seed": bundle.split.seed if bundle.split else None,
        "split": _shares(bundle.split) if bundle.split else None,
        "counts": bundle.totals,
        **bundle.treatment.as_json(),
        "left_out": bundle.left_out,
        "splits": bundle.splits,
        "lengths": bundle.lengths,
        "recommended_max_length": bundle.max_length,
        "readiness": bundle.readiness,
        "files": [*rows, *others],
    }


def _named(bundle: Bundle) -> str:
    tags = ", ".join(bundle.tags)
    return f"{bundle.revision} ({tags})" if tags else str(bundle.revision)


def _shares(split: SplitRequest) -> Json:
    return {"validation": plain_number(split.validation), "test": plain_number(split.test)}


def _readme(bundle: Bundle) -> str:
    """A dataset card: Hugging Face reads the part between the lines of dashes."""
    name = bundle.training_file_name
    return f"""---
pretty_name: {quoted(name)}
license: other
language:
- und
size_categories:
- {_size_category(sum(file.rows for file in bundle.files if file.kind == "rows"))}
task_categories:
- text-generation
tags:
- conversational
- supervised-fine-tuning
configs:
- config_name: default
  data_files:
{_data_files(bundle, "rows")}
- config_name: metadata
  data_files:
{_data_files(bundle, "metadata")}
dataset_info:
- config_name: default
  features:
{_features(features_of(bundle.format))}
- config_name: metadata
  features:
{_features(METADATA_FEATURES)}
---

# {_without_markup(name)}

Conversations for fine-tuning: revision {_named(bundle)} of training file {bundle.training_file_id}, in format
`{bundle.format}`, one line for each {"conversation" if bundle.granularity == "conversation" else "trainable turn"}.

{_table_of_files(bundle)}

Line n of a `.metadata.jsonl` says what line n beside it was made from: ids, scores, persona, emotional arc and topic.
Conversations are split whole, so no split repeats what another one holds; `manifest.json` proves it, and has the
SHA-256 of every file, the lengths, and what each trainer and service would say to the rows.

{_health(bundle)}

By estimate, `max_length: {bundle.max_length}` cuts nothing off. The tokens of a chat template are in it; the
manifest has it for other tokenizers.

{_uses(bundle)}

Before you publish this, state its license and its language above.
"""


def _health(bundle: Bundle) -> str:
    """What a reader of the card has to know of the texts."""
    treatment = bundle.treatment
    rows = sum(file.rows for file in bundle.files if file.kind == "rows")
    sentences = [
        f"Rows that train on a text with an error of text health: {treatment.health['unhealthy_rows']:,} of {rows:,}."
    ]
    if treatment.filtered is not None:
        sentences.append(f"Targets that were filtered: {treatment.filtered['targets']:,}.")
    if treatment.repaired is not None:
        sentences.append(
            f"Escape sequences that became the characters that were meant: {treatment.repaired['count']:,}."
        )
    if treatment.redacted is not None:
        sentences.append(f"Personal data that became placeholders: {treatment.redacted['count']:,}.")
    return "\n".join(sentences)


def _size_category(rows: int) -> str:
    return next((name for limit, name in SIZE_CATEGORIES if rows < limit), LARGEST_SIZE_CATEGORY)


def _data_files(bundle: Bundle, kind: FileKind) -> str:
    names = {split: [file.name for file in bundle.files_of(kind, split)] for split in SPLITS}
    found = [f"  - split: {split}\n    path:{_path(of_split)}" for split, of_split in names.items() if of_split]
    return "\n".join(found) or "    []"


def _path(names: list[str]) -> str:
    return f" {names[0]}" if len(names) == 1 else "".join(f"\n    - {name}" for name in names)


def _features(features: Features) -> str:
    """One a line. JSON is YAML too."""
    return "\n".join(f"  - {orjson.dumps(feature).decode()}" for feature in features)


def _table_of_files(bundle: Bundle) -> str:
    lines = [f"| `{file.name}` | {file.split} | {file.rows:,} |" for file in bundle.files if file.rows]
    return "\n".join(["| file | split | lines |", "| --- | --- | --- |", *lines])


def _uses(bundle: Bundle) -> str:
    """How each trainer and service that reads the format is started."""
    started = [
        f"- {TARGETS[name].title}: `{command}`" for name, command in COMMANDS.items() if has_recipe(bundle, name)
    ]
    uploaded = [
        f"- {target.title}: upload `train.jsonl`{_remark(target)}"
        for name, target in TARGETS.items()
        if name in SERVICES and bundle.can_start(name)
    ]
    ways = [*started, *uploaded] or ["None: there is no row to train on."]
    note = bundle.base_model.note
    told = ["", _without_markup(note)] if note else []
    joined = [f"`{bundle.joining}` makes the one file that some of them read.", ""] if bundle.is_sharded else []
    return "\n".join(["Ways to train on it, from within this folder:", "", *joined, *ways, *told])


def _remark(target: Target) -> str:
    remarks = [target.closing.message] if target.closing else []
    return "".join(f". {remark}" for remark in [*remarks, *([target.note] if target.note else [])])


def _without_markup(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _indented(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
