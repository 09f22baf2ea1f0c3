"""The error of this package."""


class LocalSupabaseError(RuntimeError):
    """The local Supabase could not be installed or started; the message says why."""
