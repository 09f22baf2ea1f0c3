"""How large things may be."""

# Real enriched files have 33 to 89 KB. Sixteen are in memory at once.
MAX_ENRICHED_FILE_BYTES = 10 * 1024 * 1024
TOO_LARGE = f"it is larger than {MAX_ENRICHED_FILE_BYTES // 1024**2} MB"
# Real conversations have 10 to 20 training pairs, their files 7 levels and a value for every 30 bytes or so.
MAX_TRAINING_PAIRS = 2_000
MAX_NESTING = 32
MAX_VALUES = 500_000
# Of an enriched file, as it is indented in a full JSON. What is short may grow more, by the keys of the format.
MAX_GROWTH = 5
ALWAYS_WRITTEN_BYTES = 1024 * 1024
# Conversations that are built while a caller waits; more are for a worker.
MOST_WHILE_WAITING = 100
# Conversations that one worker builds; more are for many of them.
MOST_OF_ONE_WORKER = 10_000
# A step of a build by many workers ends within 15 minutes, as long as a function may run, and the next one renews this.
SHARDED_LEASE_SECONDS = 1200
# Of a full JSON that has to come through here while a caller waits: about 450 conversations, a few seconds.
LARGEST_WHILE_WAITING_BYTES = 25 * 1024 * 1024
# Signed links to what is downloaded.
LINKS_EXPIRE_IN_SECONDS = 3600
