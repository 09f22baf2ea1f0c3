"""Which conversations there are to choose from."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from training_files.domain.conversation.choices import (
    ConversationCounts,
    ConversationPlace,
    ListedConversation,
    Sort,
)
from training_files.domain.conversation.conversation import Candidate, Conversation, EnrichedPaths, EnrichmentStatus
from training_files.domain.conversation.conversation_filter import ConversationFilter
from training_files.domain.conversation.selection import Selection, SelectionScope
from training_files.domain.record import Record
from training_files.domain.training_file.collection_rule import CollectionRule
from training_files.domain.training_file.revision import Revision
from training_files.domain.training_file.training_file import TrainingFile


class ResolvedRequest(Record):
    """What a request is about, as the database knows it. `conversations` come in no particular order.

    `base` is the revision to build on.
    """

    name_taken: bool = False
    name_of_failed: bool = False
    training_file: TrainingFile | None = None
    base: Revision | None = None
    conversations: tuple[Conversation, ...] = ()


class CollectionMatch(Record):
    """Conversations that the rule of a training file takes, and that it does not have."""

    training_file_id: UUID
    created_by: UUID
    collect: CollectionRule
    conversation_ids: tuple[UUID, ...]


class SuggestionBase(Record):
    """A training file, and the best of the conversations that could be added to it, in no particular order.

    `unknown_training_file` is one of the filter that the owner does not have.
    """

    training_file: TrainingFile | None = None
    candidates: tuple[Candidate, ...] = ()
    unknown_training_file: UUID | None = None


class SelectedConversations(Record):
    """How many conversations a selection takes, and which they are, in their order, where an answer has room for all.

    `unknown_training_file` is one of the filter that the owner does not have.
    """

    unknown_training_file: UUID | None = None
    conversation_count: int = 0
    conversation_ids: tuple[UUID, ...] = ()


class PreviewedAddition(Record):
    """What would be taken, how many of these by the selection, and the training file as it would be.

    `unknown_training_file` is one of the filter that the owner does not have.
    """

    unknown_training_file: UUID | None = None
    selected_count: int = 0
    taken: ConversationCounts
    after: ConversationCounts


class ListedConversations(Record):
    """Conversations in the order that was asked for, as many as an answer has room for, and whether others follow.

    `unknown_training_file` is one of the filter that the owner does not have.
    """

    unknown_training_file: UUID | None = None
    conversations: tuple[ListedConversation, ...] = ()
    more: bool = False


class SummarizedConversations(ConversationCounts):
    """Counts, and a training file of the filter that the owner does not have."""

    unknown_training_file: UUID | None = None


class ConversationRepository(Protocol):
    """Rows of `conversations`, as a training file needs them.

    `owner` limits a method to the training files of one user; None means whoever owns them.
    """

    def resolve(
        self,
        *,
        ids: Sequence[UUID],
        owner: UUID | None,
        all_conversations: bool,
        training_file_id: UUID | None = None,
        name: str | None = None,
    ) -> ResolvedRequest:
        """Looks up all that a create or an addition needs to know, in one query whatever the number of ids.

        Only conversations of the owner and ownerless ones are found, unless `all_conversations`.
        """

    def match_collections(
        self, ids: Sequence[UUID], *, usable_statuses: Sequence[EnrichmentStatus]
    ) -> list[CollectionMatch]:
        """Which training files take which of these conversations by their rules."""

    def suggestion_base(
        self,
        training_file_id: UUID,
        owner: UUID | None,
        *,
        all_conversations: bool,
        limit: int,
        usable_statuses: Sequence[EnrichmentStatus],
        enriched_paths: EnrichedPaths,
        wanted: ConversationFilter,
    ) -> SuggestionBase:
        """Up to `limit` candidates of each persona, arc and topic: enriched, usable by the owner, wanted, not in it.

        Of thousands of such groups only the candidates with the rarest keys are given, so that an answer stays small.
        """

    def select_conversations(
        self,
        selection: Selection,
        owner: UUID | None,
        *,
        scope: SelectionScope,
        most: int,
        training_file_id: UUID | None = None,
        beside: Sequence[UUID] = (),
    ) -> SelectedConversations:
        """What a selection takes for a training file, or for a new one; up to `most` conversations are named.

        Those that the file has, and those that `beside` names by whichever id, are not among them.
        """

    def preview_addition(
        self,
        owner: UUID | None,
        *,
        ids: Sequence[UUID],
        selection: Selection | None,
        scope: SelectionScope,
        keys: int,
        training_file_id: UUID | None = None,
    ) -> PreviewedAddition:
        """Counts `ids`, which can be used, with what the selection takes, and with what the training file has.

        Of each kind the `keys` most frequent keys are named.
        """

    def list_conversations(
        self,
        wanted: ConversationFilter,
        owner: UUID | None,
        *,
        all_conversations: bool,
        sort: Sort,
        limit: int,
        after: ConversationPlace | None = None,
    ) -> ListedConversations:
        """At most `limit` conversations that the owner may use and the filter takes, behind the place `after`.

        `score` has the best first, then the oldest; those without a score come last. Rows without a `created_at` are
        left out. Raises RequestInvalidError for a place that is none.
        """

    def summarize_conversations(
        self,
        wanted: ConversationFilter,
        owner: UUID | None,
        *,
        all_conversations: bool,
        usable_statuses: Sequence[EnrichmentStatus],
        enriched_paths: EnrichedPaths,
        keys: int,
    ) -> SummarizedConversations:
        """Counts the conversations that the owner may use and the filter takes; of each kind the `keys` first keys."""
