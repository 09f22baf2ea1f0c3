"""Puts users, conversation rows and enriched files into a Supabase, as an enrichment pipeline would."""

import json
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from supabase import Client

from infra.clients import supabase_client
from infra.local_supabase import LocalSupabase
from infra.sample_data import Json, SampleConversation

DEMO_EMAIL = "demo@example.com"
DEMO_PASSWORD = "demo-password"  # noqa: S105 - a user that exists on this machine only
CONVERSATION_BUCKET = "conversation-files"
ROWS_AT_ONCE = 500
UPLOADS_AT_ONCE = 8


def sign_in(stack: LocalSupabase, email: str = DEMO_EMAIL, password: str = DEMO_PASSWORD) -> tuple[str, str]:
    """Signs a user in, who is made if there is none. Returns the user's id and access token."""
    with supabase_client(stack.url, stack.secret_key) as admin:
        known = {user.email for user in admin.auth.admin.list_users(per_page=1000)}
        if email not in known:
            admin.auth.admin.create_user({"email": email, "password": password, "email_confirm": True})
    with supabase_client(stack.url, stack.publishable_key) as visitor:
        signed_in = visitor.auth.sign_in_with_password({"email": email, "password": password})
    if signed_in.user is None or signed_in.session is None:
        raise RuntimeError(f"{email} could not be signed in.")
    return signed_in.user.id, signed_in.session.access_token


def store_conversations(supabase: Client, conversations: Iterable[SampleConversation], owner: str | None) -> list[str]:
    """Stores rows and enriched files. Returns the conversation ids in order; those that are there stay."""
    samples = list(conversations)
    with ThreadPoolExecutor(UPLOADS_AT_ONCE) as executor:
        list(executor.map(lambda sample: _upload(supabase, sample.conversation_id, sample.enriched), samples))
    rows = [
        {**sample.row, "enriched_file_path": enriched_path(sample.conversation_id), "created_by": owner}
        for sample in samples
    ]
    for start in range(0, len(rows), ROWS_AT_ONCE):
        _insert(supabase, rows[start : start + ROWS_AT_ONCE])
    return [sample.conversation_id for sample in samples]


def enriched_path(conversation_id: str) -> str:
    return f"{conversation_id}/enriched.json"


def _upload(supabase: Client, conversation_id: str, enriched: Json) -> None:
    content = json.dumps(enriched, ensure_ascii=False).encode()
    supabase.storage.from_(CONVERSATION_BUCKET).upload(
        enriched_path(conversation_id), content, {"content-type": "application/json", "upsert": "true"}
    )


def _insert(supabase: Client, rows: Sequence[Json]) -> None:
    supabase.table("conversations").upsert(list(rows), on_conflict="conversation_id", ignore_duplicates=True).execute()
