"""Runs a local Supabase (REST, Auth, Storage, S3) without Docker or a cloud account.

It is made for development and tests: PostgreSQL 17 with a real row level security behind it, and answers that
the Supabase client cannot tell from a hosted project's. It listens on 127.0.0.1 only.
"""

from infra.local_supabase.errors import LocalSupabaseError
from infra.local_supabase.installation import install
from infra.local_supabase.stack import LocalSupabase, run_local_supabase, temporary_data_folder

__all__ = ["LocalSupabase", "LocalSupabaseError", "install", "run_local_supabase", "temporary_data_folder"]
