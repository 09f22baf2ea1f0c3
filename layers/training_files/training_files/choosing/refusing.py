"""Which faults refuse a whole request."""

from collections.abc import Sequence

from training_files.domain.conversation.faults import ConversationFault
from training_files.domain.training_file.build_request import BuildOptions
from training_files.errors import ConversationsAlreadyInFileError, ConversationValidationError


def refuse_faults(
    found_faults: Sequence[ConversationFault], options: BuildOptions, *, nothing_left: bool, further: int = 0
) -> None:
    """Refuses the request for the faults that the caller did not ask to skip.

    An addition of nothing but duplicates that are to be skipped is done already, and is not refused. `further`
    conversations have such faults beside those that are named.

    Raises ConversationValidationError, or ConversationsAlreadyInFileError when duplicates are the only reason.
    """
    refused = refused_among(found_faults, options)
    duplicates = [fault for fault in found_faults if fault.code == "already_in_file"]
    if any(fault.code != "already_in_file" for fault in refused):
        raise ConversationValidationError(refused, further=further)
    if found_faults and nothing_left and not duplicates:
        raise ConversationValidationError(found_faults, further=further)
    if refused:
        raise ConversationsAlreadyInFileError(duplicates, further=further)


def refused_among(found_faults: Sequence[ConversationFault], options: BuildOptions) -> list[ConversationFault]:
    """Those that the caller did not ask to skip."""
    return [fault for fault in found_faults if _is_refused(fault, options)]


def _is_refused(fault: ConversationFault, options: BuildOptions) -> bool:
    match fault.code:
        case "already_in_file":
            return options.on_duplicate == "reject"
        case "unhealthy":
            return options.on_unhealthy == "reject"
    return options.on_invalid == "reject"
