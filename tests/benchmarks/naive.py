"""How it is done without care: one thing after the other, everything in memory. Written only to be compared with.

A create asks for each row, downloads each enriched file, merges all of them and uploads the JSON and the JSONL, one
behind the other. An append reads everything anew: it downloads the JSON as it stands and the new enriched files, merges
them, and uploads both files whole, over the old ones. Nothing is checked and hardly anything is counted, which favours
it; its HTTP client has the settings of the service's.
"""

import json
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from supabase import Client

Document = dict[str, Any]


def create(supabase: Client, owner: str, conversation_ids: Sequence[str]) -> str:
    """Returns the folder of the two files."""
    name = folder = f"naive-{uuid4()}"
    files = _enriched_files(supabase, conversation_ids)
    document = {
        "training_file_metadata": {"file_name": name, "total_conversations": len(files)},
        "consultant_profile": files[0]["consultant_profile"],
        "conversations": [_element(*pair) for pair in zip(conversation_ids, files, strict=True)],
    }
    _upload(supabase, folder, document)
    supabase.table("training_files").insert({"name": name, "created_by": owner, "status": "failed"}).execute()
    return folder


def append(supabase: Client, folder: str, conversation_ids: Sequence[str]) -> str:
    document: Document = json.loads(supabase.storage.from_("training-files").download(f"{folder}/training.json"))
    files = _enriched_files(supabase, conversation_ids)
    document["conversations"] += [_element(*pair) for pair in zip(conversation_ids, files, strict=True)]
    document["training_file_metadata"]["total_conversations"] = len(document["conversations"])
    _upload(supabase, folder, document)
    supabase.table("training_files").update({"conversation_count": len(document["conversations"])}).eq(
        "name", folder
    ).execute()
    return folder


def _enriched_files(supabase: Client, conversation_ids: Sequence[str]) -> list[Document]:
    return [_enriched_file(supabase, conversation_id) for conversation_id in conversation_ids]


def _enriched_file(supabase: Client, conversation_id: str) -> Document:
    found: Any = supabase.table("conversations").select("*").eq("conversation_id", conversation_id).execute().data
    enriched: Document = json.loads(
        supabase.storage.from_("conversation-files").download(found[0]["enriched_file_path"])
    )
    return enriched


def _element(conversation_id: str, enriched: Document) -> Document:
    return {
        "conversation_metadata": {"conversation_id": conversation_id},
        "training_pairs": enriched["training_pairs"],
    }


def _upload(supabase: Client, folder: str, document: Document) -> None:
    pairs = [pair for conversation in document["conversations"] for pair in conversation["training_pairs"]]
    lines = [json.dumps(pair, ensure_ascii=False) for pair in pairs if pair["target_response"]]
    bucket = supabase.storage.from_("training-files")
    whole = json.dumps(document, indent=2, ensure_ascii=False).encode()
    bucket.upload(f"{folder}/training.json", whole, {"content-type": "application/json", "upsert": "true"})
    whole = "\n".join(lines).encode()
    bucket.upload(f"{folder}/training.jsonl", whole, {"content-type": "application/x-ndjson", "upsert": "true"})
