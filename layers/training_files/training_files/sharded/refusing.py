"""What refuses a build beyond one worker: before work begins what cannot be put together, behind it faults."""

from uuid import UUID

from training_files.builds.handing_on import refuse_without_s3
from training_files.builds.leased_revision import LeasedRevision
from training_files.choosing.refusing import refuse_faults, refused_among
from training_files.domain.conversation.limited_faults import conversations_in
from training_files.domain.training_file.build_request import BuildOptions
from training_files.errors import NotSetUpError
from training_files.sharded.finished_shards import FinishedShards

# https://supabase.com/docs/guides/storage/uploads/file-limits
LARGEST_OBJECT_BYTES = 500 * 1024**3
MEBIBYTE = 1024**2


def refuse_too_large(leased: LeasedRevision, build_id: UUID) -> None:
    """Raises NotSetUpError where the training file would be larger than the bucket takes, as far as can be known.

    A full JSON has about the bytes of the enriched objects that it is made of.
    """
    refuse_without_s3(leased.context)
    further, largest = leased.context.shards.estimated_bytes(build_id)
    estimated = further + _bytes_that_stay(leased)
    largest = min(largest or LARGEST_OBJECT_BYTES, LARGEST_OBJECT_BYTES)
    if estimated > largest:
        raise NotSetUpError(
            f"The training file would have about {estimated // MEBIBYTE:,} MB, and the bucket training-files takes "
            f"objects of up to {largest // MEBIBYTE:,} MB. Raise the file size limit of the bucket, and that of the "
            "project in the settings of its Storage, or ask for fewer conversations."
        )


def _bytes_that_stay(leased: LeasedRevision) -> int:
    """Of the full JSON; of a refresh, as if all conversations were of one size."""
    size = (leased.base.json_file_size if leased.base else None) or 0
    count = leased.training_file.conversation_count
    if not leased.is_refresh or not count:
        return size
    return size * max(0, count - leased.revision.progress_total) // count


def refuse_faults_of(shards: FinishedShards, options: BuildOptions, *, needs_one: bool) -> None:
    """What is not to be skipped, and where a conversation is needed, that all were skipped.

    Raises ConversationValidationError or ConversationsAlreadyInFileError.
    """
    found, total = shards.skipped, shards.skipped_total
    if shards.refused_total:
        found, total = refused_among(found, options), shards.refused_total
    nothing_left = needs_one and not shards.count
    refuse_faults(found, options, nothing_left=nothing_left, further=total - conversations_in(found))
