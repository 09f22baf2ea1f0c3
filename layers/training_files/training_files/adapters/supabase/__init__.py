"""Supabase: its database over PostgREST, its storage over REST, its access tokens."""
