"""How large things may be."""

# Real enriched files have 33 to 89 KB. Sixteen are in memory at once.
MAX_ENRICHED_FILE_BYTES = 10 * 1024 * 1024
TOO_LARGE = f"it is larger than {MAX_ENRICHED_FILE_BYTES // 1024**2} MB"
# Of a full JSON that has to come through here while a caller waits: about 450 conversations, a few seconds.
LARGEST_WHILE_WAITING_BYTES = 25 * 1024 * 1024
# Signed links to what is downloaded.
LINKS_EXPIRE_IN_SECONDS = 3600
