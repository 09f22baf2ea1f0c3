"""Shards of builds beyond one worker, over PostgREST."""

from training_files.adapters.supabase.database import DatabaseAdapter


class SupabaseShards(DatabaseAdapter):
    """Implements `training_files.ports.shards.ShardRepository`."""
