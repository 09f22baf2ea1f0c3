"""Supabase Storage over its S3 protocol."""
