"""How it is done without care: one id after the other, everything in memory. Written only to be compared with."""

import json
from typing import Any
from uuid import uuid4

from supabase import Client


def create_training_file(supabase: Client, name: str, conversation_ids: list[str], owner: str) -> None:
    rows = [_row(supabase, conversation_id) for conversation_id in conversation_ids]
    files = [
        json.loads(supabase.storage.from_("conversation-files").download(row["enriched_file_path"])) for row in rows
    ]
    document = {
        "training_file_metadata": {"file_name": name, "total_conversations": len(files)},
        "consultant_profile": files[0]["consultant_profile"],
        "conversations": [{"training_pairs": file["training_pairs"]} for file in files],
    }
    lines = [json.dumps(pair, ensure_ascii=False) for file in files for pair in file["training_pairs"]]
    folder = f"naive/{uuid4()}"
    bucket = supabase.storage.from_("training-files")
    options: Any = {"content-type": "application/json"}
    bucket.upload(f"{folder}/training.json", json.dumps(document, indent=2, ensure_ascii=False).encode(), options)
    bucket.upload(f"{folder}/training.jsonl", "\n".join(lines).encode(), {"content-type": "application/x-ndjson"})
    supabase.table("training_files").insert({"name": name, "created_by": owner, "status": "failed"}).execute()


def _row(supabase: Client, conversation_id: str) -> dict[str, Any]:
    found = supabase.table("conversations").select("*").eq("conversation_id", conversation_id).execute().data
    row: Any = found[0]
    return dict(row)
