"""Everything that can go wrong, as one tree.

TrainingFilesError
├── SettingsError                     a setting is missing or malformed
├── RequestInvalidError               validation_error
├── UnauthorizedError                 unauthorized
├── TrainingFileNotFoundError         training_file_not_found
├── RevisionNotFoundError             revision_not_found
├── TagNotFoundError                  tag_not_found
├── ExportNotFoundError               export_not_found
├── ConversationValidationError       conversation_validation_failed
├── NothingSelectedError              nothing_selected
├── ConversationsAlreadyInFileError   conversations_already_in_file
├── ConversationsNotInFileError       conversations_not_in_file
├── TrainingFileWouldBeEmptyError     training_file_would_be_empty
├── NameTakenError                    name_taken
├── TrainingFileArchivedError         training_file_archived
├── TrainingFileProcessingError       training_file_processing
├── TrainingFileFailedError           training_file_failed
├── TrainingFileBusyError             training_file_busy
├── NothingToRetryError               nothing_to_retry
├── IdempotencyKeyReusedError         idempotency_key_reused
├── RequestInProgressError            request_in_progress
├── NotSetUpError                     not_set_up
└── UpstreamUnavailableError          upstream_unavailable

Messages and details may be shown to the caller: they hold ids and places, never text of a conversation.
"""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from training_files.domain.conversation.faults import ConversationFault
from training_files.domain.conversation.unknown_keys import UnknownKey
from training_files.domain.training_file.tags import MOST_TAGS, TAG_RULE, RevisionName, nearest_first

NAMED_IN_MESSAGE = 5


class TrainingFilesError(Exception):
    """The root of the tree. `code` is stable, the message is for people, `details` are for programs."""

    code: ClassVar[str] = "internal_error"

    def __init__(self, message: str, details: Sequence[dict[str, Any]] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.details = list(details)


class SettingsError(TrainingFilesError):
    """A setting is missing or malformed; the message names it."""


class RequestInvalidError(TrainingFilesError):
    """The body or a parameter is malformed; `details` name each `field` and what is wrong with it."""

    code = "validation_error"


def too_many_rules() -> RequestInvalidError:
    """Where a user has as many training files with a collection rule as sql/ allows."""
    advice = "You have 100 training files with a collection rule, the most there can be. Switch another rule off first."
    return RequestInvalidError(advice, [{"field": "collect", "message": advice}])


def too_many_tags() -> RequestInvalidError:
    """Where a training file has as many tags as sql/ allows."""
    advice = f"The training file has {MOST_TAGS} tags, the most there can be. Delete one that nobody needs first."
    return RequestInvalidError(advice, [{"field": "tag", "message": advice}])


def not_a_tag() -> RequestInvalidError:
    """Where a tag is to be made that could not be told from the number of a revision, or that no path could hold."""
    return RequestInvalidError(f"A tag has {TAG_RULE}.", [{"field": "tag", "message": f"it must be {TAG_RULE}"}])


def not_a_cursor() -> RequestInvalidError:
    """Where a page is to go on from a place that no page has named."""
    detail = {"field": "cursor", "message": "Use the next_cursor of the page before, unchanged."}
    return RequestInvalidError("The cursor is not one that this service gave.", [detail])


class UnauthorizedError(TrainingFilesError):
    """No access token, or one that is not to be trusted."""

    code = "unauthorized"


class TrainingFileNotFoundError(TrainingFilesError):
    """There is no such training file, or it is someone else's, which is not told apart; or no such revision."""

    code = "training_file_not_found"

    def __init__(self, training_file_id: UUID, *, revision: RevisionName | None = None) -> None:
        what = "training file" if revision is None else f"revision {revision} of training file"
        super().__init__(f"There is no {what} {training_file_id}.")


class RevisionNotFoundError(TrainingFilesError):
    """The training file has no such revision, or its objects are not kept any more."""

    code = "revision_not_found"

    def __init__(self, training_file_id: UUID, revision: RevisionName) -> None:
        super().__init__(
            f"There is no revision {revision} of training file {training_file_id}, or it is too old. GET …/revisions "
            "says which are kept."
        )


class TagNotFoundError(TrainingFilesError):
    """The training file has no such tag."""

    code = "tag_not_found"

    def __init__(self, training_file_id: UUID, tag: str, known: Sequence[str]) -> None:
        """`known` are all tags that it has."""
        listed = _listed(nearest_first(tag, known), ", ", rest="")
        advice = f"Its tags are: {listed}." if known else f"It has none; PUT …/tags/{tag} makes one."
        super().__init__(f"There is no tag {tag} of training file {training_file_id}. {advice}")


class ExportNotFoundError(TrainingFilesError):
    """The training file has no such export, or has it no longer."""

    code = "export_not_found"

    def __init__(self, training_file_id: UUID, export_id: UUID) -> None:
        super().__init__(f"There is no export {export_id} of training file {training_file_id}.")


class ConversationValidationError(TrainingFilesError):
    """Conversations that cannot be used, each with its reason and what helps. There are so many `further` ones."""

    code = "conversation_validation_failed"

    def __init__(self, faults: Sequence[ConversationFault], *, further: int = 0) -> None:
        self.faults = tuple(faults)
        self.further = further
        super().__init__(
            f"Conversation validation failed: {_listed([fault.sentence for fault in faults])}",
            [fault.as_detail() for fault in faults],
        )


class NothingSelectedError(TrainingFilesError):
    """A selection takes no conversation. `details` are the keys of its filter that no conversation has."""

    code = "nothing_selected"

    def __init__(self, unknown_keys: Sequence[UnknownKey] = ()) -> None:
        nothing = "`select` takes no conversation: none that matches can be used and is not in the training file yet."
        sentences = [*(each.sentence for each in unknown_keys), nothing]
        super().__init__(" ".join(sentences), [each.as_detail() for each in unknown_keys])


def too_many_selected(count: int, most: int) -> RequestInvalidError:
    """Where a selection takes more than can be committed at a time."""
    advice = f"it takes {count:,} conversations, and at most {most:,} can be taken: send a limit, or narrow the filter"
    detail = {"field": "select", "message": advice}
    return RequestInvalidError(f"The request is not valid: select: {advice}.", [detail])


class ConversationsAlreadyInFileError(TrainingFilesError):
    """Conversations that the training file holds already, all of them."""

    code = "conversations_already_in_file"

    def __init__(self, faults: Sequence[ConversationFault], *, further: int = 0) -> None:
        self.faults = tuple(faults)
        self.further = further
        super().__init__(
            f"Conversations already in training file: {_listed([str(f.conversation_id) for f in faults], ', ')}",
            [fault.as_detail() for fault in faults],
        )


class ConversationsNotInFileError(TrainingFilesError):
    """Conversations that the training file has not, all of them."""

    code = "conversations_not_in_file"

    def __init__(self, faults: Sequence[ConversationFault]) -> None:
        self.faults = tuple(faults)
        super().__init__(
            f"Conversations not in training file: {_listed([str(f.conversation_id) for f in faults], ', ')}",
            [fault.as_detail() for fault in faults],
        )


class TrainingFileWouldBeEmptyError(TrainingFilesError):
    """A training file has at least one conversation."""

    code = "training_file_would_be_empty"

    def __init__(self, training_file_id: UUID) -> None:
        super().__init__(
            f"Training file {training_file_id} has no other conversations. Keep one, or delete the training file."
        )


class NameTakenError(TrainingFilesError):
    """The owner has another training file of this name."""

    code = "name_taken"

    def __init__(self, name: str, *, by_failed: bool = False) -> None:
        """`by_failed`: the other one was never built, and keeps its name only for another try."""
        one = f"You already have a training file named {name!r}"
        if by_failed:
            super().__init__(f"{one}, whose build failed. Try it again, or delete it, or choose another name.")
        else:
            super().__init__(f"{one}. Choose another name.")


class TrainingFileArchivedError(TrainingFilesError):
    """An archived training file takes no conversations."""

    code = "training_file_archived"

    def __init__(self, training_file_id: UUID) -> None:
        super().__init__(f"Training file {training_file_id} is archived. Set its status to active to change it.")


class TrainingFileProcessingError(TrainingFilesError):
    """The training file has no finished revision yet."""

    code = "training_file_processing"

    def __init__(self, training_file_id: UUID) -> None:
        super().__init__(f"Training file {training_file_id} has no finished revision yet. Try again when it is active.")


class TrainingFileFailedError(TrainingFilesError):
    """The training file has no revision: its first build failed. `reason` is that of the build, where it is known."""

    code = "training_file_failed"

    def __init__(self, training_file_id: UUID, reason: str | None) -> None:
        why = f": {reason.rstrip('.')}." if reason else "."
        super().__init__(
            f"The build of training file {training_file_id} failed{why} Mend what its failed_conversations and "
            "build_error name, then send POST …/retry, or delete it."
        )


class NothingToRetryError(TrainingFilesError):
    """No failed build of the training file awaits a retry, or one lasts."""

    code = "nothing_to_retry"

    def __init__(self, training_file_id: UUID) -> None:
        super().__init__(f"Training file {training_file_id} has no failed build that could be tried again.")


class TrainingFileBusyError(TrainingFilesError):
    """Other writers were first each time, more often than one request may rebase."""

    code = "training_file_busy"
    retry_after_seconds = 2

    def __init__(self, training_file_id: UUID) -> None:
        super().__init__(
            f"Training file {training_file_id} is being changed by many requests at once; this one changed nothing. "
            "Try again."
        )


class IdempotencyKeyReusedError(TrainingFilesError):
    """The same Idempotency-Key came with another body."""

    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used with another body. Use a new key for a new request.")


class RequestInProgressError(TrainingFilesError):
    """The same Idempotency-Key is being worked on by another call."""

    code = "request_in_progress"
    retry_after_seconds = 2

    def __init__(self) -> None:
        super().__init__("A request with this Idempotency-Key is in progress. Ask again for its answer.")


class NotSetUpError(TrainingFilesError):
    """A table, function or bucket is missing in the Supabase project, or something is set up too small."""

    code = "not_set_up"


class UpstreamUnavailableError(TrainingFilesError):
    """Supabase did not answer in time, or answered with an error of its own."""

    code = "upstream_unavailable"
    retry_after_seconds = 5


def _listed(items: Sequence[str], separator: str = "; ", *, rest: str = " (see details)") -> str:
    shown = separator.join(items[:NAMED_IN_MESSAGE])
    more = len(items) - NAMED_IN_MESSAGE
    return f"{shown}{separator}and {more} more{rest}" if more > 0 else shown
