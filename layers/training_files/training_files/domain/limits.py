"""How large things may be."""

# Real enriched files have 33 to 89 KB. Sixteen are in memory at once.
MAX_ENRICHED_FILE_BYTES = 10 * 1024 * 1024
TOO_LARGE = f"it is larger than {MAX_ENRICHED_FILE_BYTES // 1024**2} MB"
