"""The rule by which a training file collects conversations."""

from training_files.domain.conversation.conversation_filter import ConversationFilter


class CollectionRule(ConversationFilter):
    """Which enriched conversations of its owner a training file takes by itself.

    It means the same as the filter of a list, but a conversation whose row has no score is judged by the mean score of
    its pairs when it is read. Training files of `not_in` that are gone by then match everything.
    """
