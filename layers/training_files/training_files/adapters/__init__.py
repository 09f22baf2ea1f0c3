"""The outside world: Supabase, its storage and its tokens, and AWS secrets."""
