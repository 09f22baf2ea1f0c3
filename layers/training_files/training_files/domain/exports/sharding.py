"""When an export is for several workers, and what each of them does: the shards of an export."""

from dataclasses import dataclass

MEGABYTE = 1024 * 1024
# A worker has 15 minutes, and takes 6 to 8 ms of CPU for a conversation of 56 KB.
FROM_CONVERSATIONS = 50_000
# About as many. It lies on the disk of the worker with what is made of it.
FROM_BYTES = 2_560 * MEGABYTE
# A minute or two.
CONVERSATIONS_OF_A_SHARD = 10_000
# About as many of 56 KB. So much lies on the disk of a shard's worker, with what is made of it.
BYTES_OF_A_SHARD = 512 * MEGABYTE


@dataclass(frozen=True, slots=True)
class ExportShards:
    """Beyond how many conversations, or bytes of full JSON, an export is made in shards, and how large these are."""

    from_conversations: int = FROM_CONVERSATIONS
    from_bytes: int = FROM_BYTES
    conversations: int = CONVERSATIONS_OF_A_SHARD
    bytes: int = BYTES_OF_A_SHARD

    def are_for(self, *, conversations: int, json_bytes: int) -> bool:
        return conversations > self.from_conversations or json_bytes > self.from_bytes


def name_of_shard(split: str, kind: str, number: int, total: int) -> str:
    """As Hugging Face names the files of a split, counting from 1; `kind` is `rows` or `metadata`."""
    return f"{split}-{number:05}-of-{total:05}{'.metadata' if kind == 'metadata' else ''}.jsonl"
