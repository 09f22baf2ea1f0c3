"""A bundle: the texts beside the rows, so that an unpacked archive can be trained on at once."""

import ast
import hashlib
import json
import re
from typing import Any, get_args

import pytest
import yaml

from tests.support.bundles import a_bundle, files
from training_files.domain.exports.base_model import base_model
from training_files.domain.exports.bundle import Bundle, BundledFile, FileKind, Treatment, archived_files
from training_files.domain.exports.bundle_texts import bundle_texts
from training_files.domain.exports.export import ExportFormat
from training_files.domain.exports.rows import EXPORT_FORMATS
from training_files.domain.exports.schema import METADATA_FEATURES, features_of
from training_files.domain.exports.sharding import name_of_shard
from training_files.domain.exports.splits import SPLITS

ALWAYS = ["README.md", "manifest.json"]
LLAMA_FACTORY = ["dataset_info.json", "llamafactory.yaml"]


def card_of(bundle: Bundle) -> dict[str, Any]:
    """What Hugging Face reads of the dataset card."""
    readme = bundle_texts(bundle)["README.md"].decode()
    found = re.match(r"---\n(.*?)\n---\n", readme, re.DOTALL)
    assert found
    card: dict[str, Any] = yaml.safe_load(found[1])
    return card


def snippet(name: str, **changes: Any) -> Any:
    return yaml.safe_load(bundle_texts(a_bundle(**changes))[name])


@pytest.mark.parametrize(
    ("export_format", "snippets"),
    [
        (
            "messages",
            [*LLAMA_FACTORY, "train_trl.py", "axolotl.yaml", "mlx_lora.yaml", "train_unsloth.py", "train_tinker.py"],
        ),
        ("messages_weight", ["axolotl.yaml"]),
        ("prompt_completion", ["train_trl.py"]),
        ("bedrock", []),
        ("bedrock_claude", []),
        ("gemini", []),
        ("sharegpt", [*LLAMA_FACTORY, "axolotl.yaml"]),
        ("alpaca", LLAMA_FACTORY),
    ],
)
def test_there_is_a_snippet_for_each_trainer_that_reads_the_format(
    export_format: ExportFormat, snippets: list[str]
) -> None:
    texts = bundle_texts(a_bundle(format=export_format))

    assert sorted(texts) == sorted([*ALWAYS, *snippets])
    assert list(texts)[-1] == "manifest.json"


@pytest.mark.parametrize("export_format", EXPORT_FORMATS)
@pytest.mark.parametrize("rows", [{"train": 1}, {"train": 90, "validation": 10}, {"train": 0, "validation": 0}])
def test_all_texts_can_be_read_by_what_reads_them(export_format: ExportFormat, rows: dict[str, int]) -> None:
    texts = bundle_texts(a_bundle(format=export_format, files=files(**rows)))

    for name, text in texts.items():
        match name.rsplit(".", 1)[1]:
            case "yaml":
                assert yaml.safe_load(text)["output_dir" if name != "mlx_lora.yaml" else "adapter_path"]
            case "json":
                assert json.loads(text)
            case "py":
                compile(text, name, "exec")
    assert card_of(a_bundle(format=export_format, files=files(**rows)))["license"] == "other"


def test_the_card_says_which_file_is_which_split_and_keeps_the_metadata_apart() -> None:
    card = card_of(a_bundle())

    assert card["configs"] == [
        {
            "config_name": "default",
            "data_files": [
                {"split": "train", "path": "train.jsonl"},
                {"split": "validation", "path": "validation.jsonl"},
                {"split": "test", "path": "test.jsonl"},
            ],
        },
        {
            "config_name": "metadata",
            "data_files": [
                {"split": "train", "path": "train.metadata.jsonl"},
                {"split": "validation", "path": "validation.metadata.jsonl"},
                {"split": "test", "path": "test.metadata.jsonl"},
            ],
        },
    ]
    assert card["task_categories"] == ["text-generation"]


@pytest.mark.parametrize("export_format", EXPORT_FORMATS)
def test_the_card_declares_the_types_of_both_configurations(export_format: ExportFormat) -> None:
    default, metadata = card_of(a_bundle(format=export_format))["dataset_info"]

    assert default == {"config_name": "default", "features": features_of(export_format)}
    assert metadata == {"config_name": "metadata", "features": METADATA_FEATURES}


def test_the_card_says_first_what_stays_and_of_a_service_that_it_is_closing() -> None:
    readme = bundle_texts(a_bundle())["README.md"].decode().partition("Ways to train on it")[2]
    ways = re.findall(r"^- ([^:]+): ", readme, re.MULTILINE)

    assert ways[:5] == ["TRL", "Axolotl", "LLaMA-Factory", "MLX-LM", "Unsloth"]
    assert ways[-1] == "OpenAI"
    assert "from 2027-01-06 to all." in readme
    assert "byte order mark" in readme


@pytest.mark.parametrize(
    ("rows", "category"), [(999, "n<1K"), (1_000, "1K<n<10K"), (99_999, "10K<n<100K"), (3_000_000, "1M<n<10M")]
)
def test_the_card_says_how_large_the_dataset_is(rows: int, category: str) -> None:
    assert card_of(a_bundle(files=files(train=rows)))["size_categories"] == [category]


@pytest.mark.parametrize(
    "name", ["a: b # c", '"quoted" \\ back', "- dash", "naïve — 🦉", "next\x85line", "soft\u2028break", "--- |", "{x}"]
)
def test_any_name_of_a_training_file_survives_in_the_card_and_the_manifest(name: str) -> None:
    bundle = a_bundle(training_file_name=name)

    assert card_of(bundle)["pretty_name"] == name
    assert json.loads(bundle_texts(bundle)["manifest.json"])["training_file"]["name"] == name


def test_a_name_cannot_put_markup_into_the_card() -> None:
    assert b"<script" not in bundle_texts(a_bundle(training_file_name="<script>"))["README.md"].partition(b"\n# ")[2]


def test_the_manifest_has_the_bytes_and_the_sha_256_of_every_other_file() -> None:
    bundle = a_bundle()
    texts = bundle_texts(bundle)
    manifest = json.loads(texts.pop("manifest.json"))
    listed = {file["name"]: file for file in manifest["files"]}

    assert set(listed) == set(texts) | set(archived_files(bundle))
    for name, text in texts.items():
        assert (listed[name]["bytes"], listed[name]["sha256"]) == (len(text), hashlib.sha256(text).hexdigest())
    for name, file in archived_files(bundle).items():
        assert (listed[name]["rows"], listed[name]["sha256"]) == (file.rows, file.sha256)


def test_the_manifest_says_what_the_rows_are() -> None:
    manifest = json.loads(bundle_texts(a_bundle())["manifest.json"])

    assert (manifest["revision"], manifest["seed"]) == (3, 42)
    assert manifest["split"] == {"validation": 0.1, "test": 0.05}
    assert manifest["counts"] == {"rows": 100}
    assert manifest["splits"] == {"shared_conversations": 0}
    assert manifest["readiness"] == [{"target": "openai", "ready": True}]
    assert manifest["recommended_max_length"] == 2_304


def test_mlx_lm_finds_the_validation_set_under_the_name_that_it_knows() -> None:
    archived = archived_files(a_bundle())

    assert archived["valid.jsonl"] == archived["validation.jsonl"]
    assert "valid.jsonl" not in archived_files(a_bundle(format="bedrock"))


def test_files_without_a_row_stay_out_of_the_archive_because_trainers_fail_on_them() -> None:
    bundle = a_bundle(files=files(train=9, validation=0, test=1))

    assert sorted(archived_files(bundle)) == [
        "test.jsonl",
        "test.metadata.jsonl",
        "train.jsonl",
        "train.metadata.jsonl",
    ]
    assert [one["split"] for one in card_of(bundle)["configs"][0]["data_files"]] == ["train", "test"]
    assert "eval_dataset" not in yaml.safe_load(bundle_texts(bundle)["llamafactory.yaml"])


def test_llama_factory_finds_the_columns_of_each_format() -> None:
    described = {
        one: json.loads(bundle_texts(a_bundle(format=one))["dataset_info.json"])
        for one in ("messages", "sharegpt", "alpaca")
    }

    assert described["messages"]["first_file_validation"] == {
        "file_name": "validation.jsonl",
        "formatting": "sharegpt",
        "columns": {"messages": "messages"},
        "tags": {
            "role_tag": "role",
            "content_tag": "content",
            "user_tag": "user",
            "assistant_tag": "assistant",
            "system_tag": "system",
        },
    }
    assert described["sharegpt"]["first_file_train"]["columns"] == {"messages": "conversations", "system": "system"}
    assert described["alpaca"]["first_file_train"]["columns"]["history"] == "history"
    assert snippet("llamafactory.yaml")["dataset"] in described["messages"]


def test_a_name_without_a_letter_that_a_dataset_may_have_gets_a_plain_one() -> None:
    described = json.loads(bundle_texts(a_bundle(training_file_name="培训"))["dataset_info.json"])

    assert list(described) == ["training_file_train", "training_file_validation", "training_file_test"]


def test_no_snippet_cuts_the_longest_row() -> None:
    assert snippet("axolotl.yaml")["sequence_len"] == 2_304
    assert snippet("mlx_lora.yaml")["max_seq_length"] == 2_304
    assert snippet("llamafactory.yaml")["cutoff_len"] == 2_304
    assert b"max_length=2304," in bundle_texts(a_bundle())["train_trl.py"]


def test_turn_by_turn_the_snippets_train_on_the_last_answer_only() -> None:
    for granularity, last_only in (("conversation", False), ("turn", True)):
        assert snippet("mlx_lora.yaml", granularity=granularity)["mask_prompt"] is last_only
        assert snippet("llamafactory.yaml", granularity=granularity)["mask_history"] is last_only
    weighed = snippet("axolotl.yaml", format="messages_weight", granularity="turn")
    assert weighed["datasets"][0]["message_field_training"] == "weight"


@pytest.mark.parametrize(
    ("rows", "batch", "iterations"), [((80, 12), 4, 60), ((80, 2), 2, 120), ((1, 1), 1, 3), ((80, 0), 4, 60)]
)
def test_mlx_lm_gets_batches_that_its_smallest_set_can_fill(rows: tuple[int, int], batch: int, iterations: int) -> None:
    train, validation = rows
    found = snippet("mlx_lora.yaml", files=files(train=train, validation=validation))

    assert (found["batch_size"], found["iters"]) == (batch, iterations)


def test_a_bundle_of_a_whole_file_names_no_split() -> None:
    bundle = a_bundle(split=None, splits=None, files=files(train=5))
    manifest = json.loads(bundle_texts(bundle)["manifest.json"])

    assert (manifest["seed"], manifest["split"], manifest["splits"]) == (None, None, None)
    assert list(archived_files(bundle)) == ["train.jsonl", "train.metadata.jsonl"]


def test_the_texts_of_a_bundle_are_the_same_whenever_they_are_made() -> None:
    assert bundle_texts(a_bundle()) == bundle_texts(a_bundle())


@pytest.mark.parametrize(("rows", "batch"), [(1, 1), (127, 127), (128, 128), (5_000, 128)])
def test_tinker_gets_a_batch_that_the_rows_can_fill(rows: int, batch: int) -> None:
    script = bundle_texts(a_bundle(files=files(train=rows)))["train_tinker.py"].decode()

    assert f"batch_size={batch}," in script


@pytest.mark.parametrize(("granularity", "trained"), [("conversation", "ALL"), ("turn", "LAST")])
def test_tinker_trains_on_what_is_new_in_a_row(granularity: str, trained: str) -> None:
    script = bundle_texts(a_bundle(granularity=granularity))["train_tinker.py"].decode()

    assert f"TrainOnWhat.{trained}_ASSISTANT_MESSAGE" in script


SCRIPTS = ("train_trl.py", "train_unsloth.py", "train_tinker.py")
SETTINGS = {"llamafactory.yaml": "model_name_or_path", "axolotl.yaml": "base_model", "mlx_lora.yaml": "model"}


@pytest.mark.parametrize(
    ("target_model", "model", "template"),
    [
        (None, "Qwen/Qwen3-0.6B", "qwen3"),
        ("meta-llama/Llama-3.1-8B-Instruct", "meta-llama/Llama-3.1-8B-Instruct", "llama3"),
        ("mistralai/Mistral-7B-Instruct-v0.3", "mistralai/Mistral-7B-Instruct-v0.3", "mistral"),
        ("01-ai/Yi-1.5-9B", "01-ai/Yi-1.5-9B", "default"),
        ("mistral-7b", "Qwen/Qwen3-0.6B", "qwen3"),
    ],
)
def test_every_recipe_begins_with_the_model_that_the_training_file_is_meant_for(
    target_model: str | None, model: str, template: str
) -> None:
    begun_with = {name: snippet(name, target_model=target_model)[key] for name, key in SETTINGS.items()}
    texts = bundle_texts(a_bundle(target_model=target_model))
    script = texts["train_trl.py"].decode()

    assert begun_with == dict.fromkeys(SETTINGS, model)
    assert all(f'else "{model}"' in texts[name].decode() for name in SCRIPTS)
    assert snippet("llamafactory.yaml", target_model=target_model)["template"] == template
    assert ("assistant_only_loss=True,  #" in script) == (template == "qwen3")


def test_a_model_that_no_trainer_can_load_is_named_in_every_recipe() -> None:
    texts = bundle_texts(a_bundle(target_model="our <model> 7"))

    for name in (*SETTINGS, *SCRIPTS):
        assert "# The training file is meant for our <model> 7: put its id on Hugging Face" in texts[name].decode()
    assert "meant for our &lt;model> 7" in texts["README.md"].decode()


@pytest.mark.parametrize("target_model", ['a"b/c', "a/b\nimport os", "../x", "a/b/c", "a /b"])
def test_no_target_model_puts_anything_but_its_name_into_a_recipe(target_model: str) -> None:
    texts = bundle_texts(a_bundle(target_model=target_model))

    for script in SCRIPTS:
        assert 'else "Qwen/Qwen3-0.6B"' in texts[script].decode()
        ast.parse(texts[script])
    assert [yaml.safe_load(texts[name])[key] for name, key in SETTINGS.items()] == ["Qwen/Qwen3-0.6B"] * 3


def test_the_card_and_the_manifest_say_what_was_found_and_what_was_changed() -> None:
    filtered = {"targets": 3, "lost_with_them": 0, "by_reason": {"truncated_target": 3}, "places": []}
    treatment = Treatment(
        {"filter": {"without": ["error"]}, "repair": [], "redact": []},
        {"unhealthy_rows": 2, "rows_by_rule": {"empty_turn": 2}},
        filtered=filtered,
    )

    texts = bundle_texts(a_bundle(treatment=treatment))

    readme, manifest = texts["README.md"].decode(), json.loads(texts["manifest.json"])
    assert "with an error of text health: 2 of 100.\nTargets that were filtered: 3." in readme
    assert (manifest["filter"], manifest["filtered"]) == ({"without": ["error"]}, filtered)
    assert manifest["health"]["unhealthy_rows"] == 2


@pytest.mark.parametrize(
    ("target_model", "tokenizer"),
    [
        ("meta-llama/Llama-3.1-8B-Instruct", "llama3"),
        ("Qwen/Qwen3-8B", "qwen"),
        ("Qwen/Qwen3.5-9B", "qwen3_5"),
        ("mistralai/Mistral-Nemo-Instruct-2407", "tekken"),
        ("gpt-4.1-mini", "o200k"),
        ("mistralai/Mistral-Small-24B-Instruct-2501", "tekken"),
        ("mistralai/Mistral-Small-Instruct-2409", None),
        ("mistralai/Mistral-7B-Instruct-v0.3", None),
        ("mistral-7b", None),
        ("google/gemma-3-4b-it", None),
    ],
)
def test_the_tokenizer_of_a_model_is_known_by_its_name(target_model: str, tokenizer: str | None) -> None:
    assert base_model(target_model).tokenizer == tokenizer


@pytest.mark.parametrize(
    ("target_model", "max_length"), [(None, 2_304), ("google/gemma-3-4b-it", 2_304), ("my Llama-3 model", 2_048)]
)
def test_max_length_is_that_of_the_model_that_the_file_is_meant_for(target_model: str | None, max_length: int) -> None:
    assert a_bundle(target_model=target_model).max_length == max_length


def of_shards(**counts: int) -> list[BundledFile]:
    return [
        BundledFile(name_of_shard(split, kind, number, counts[split]), kind, split, 5, 50, "")
        for split in SPLITS
        if split in counts
        for kind in get_args(FileKind)
        for number in range(1, counts[split] + 1)
    ]


class TestTheTextsBesideShards:
    def test_name_every_file_to_trainers_that_read_several(self) -> None:
        texts = bundle_texts(a_bundle(files=of_shards(train=3, validation=2)))

        info = json.loads(texts["dataset_info.json"])
        assert {name: entry["file_name"] for name, entry in info.items()} == {
            **{f"first_file_train_{number:05}": f"train-{number:05}-of-00003.jsonl" for number in (1, 2, 3)},
            **{f"first_file_validation_{number:05}": f"validation-{number:05}-of-00002.jsonl" for number in (1, 2)},
        }
        settings = yaml.safe_load(texts["llamafactory.yaml"])
        assert settings["dataset"] == "first_file_train_00001,first_file_train_00002,first_file_train_00003"
        assert settings["eval_dataset"] == "first_file_validation_00001,first_file_validation_00002"
        axolotl = yaml.safe_load(texts["axolotl.yaml"])
        assert [one["path"] for one in axolotl["datasets"]] == [f"train-{n:05}-of-00003.jsonl" for n in (1, 2, 3)]
        assert [one["path"] for one in axolotl["test_datasets"]] == [
            f"validation-{n:05}-of-00002.jsonl" for n in (1, 2)
        ]
        for script in ("train_trl.py", "train_unsloth.py"):
            assert b'"train": str(HERE / "train-*-of-00003.jsonl")' in texts[script]
            assert b'"validation": str(HERE / "validation-*-of-00002.jsonl")' in texts[script]

    def test_say_to_others_how_one_file_is_made(self) -> None:
        texts = bundle_texts(a_bundle(files=of_shards(train=3, validation=2)))

        join = "cat train-*-of-00003.jsonl > train.jsonl"
        assert f"# {join}\n# cat validation-*-of-00002.jsonl > valid.jsonl\n" in texts["mlx_lora.yaml"].decode()
        assert f"# First: {join}\n" in texts["train_tinker.py"].decode()
        assert f"`{join}` makes the one file" in texts["README.md"].decode()

    def test_are_as_ever_beside_one_file(self) -> None:
        texts = bundle_texts(a_bundle())

        assert not any(b"cat train" in text for text in texts.values())
        assert list(json.loads(texts["dataset_info.json"])) == [
            *(f"first_file_{split}" for split in ("train", "validation", "test"))
        ]
