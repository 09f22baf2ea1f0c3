"""What a database webhook sends."""

from collections.abc import Sequence
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from training_files.api.parsing import Id

# Queued ten at a time while the database waits; as many as the trigger in sql/optional tells of at once.
MAX_ENRICHED_IDS = 500


class EnrichedRecord(BaseModel):
    """A row of `conversations`, as a database webhook sends it."""

    model_config = ConfigDict(defer_build=True)

    conversation_id: Id
    enrichment_status: str | None = None


class ConversationEnrichedRequest(BaseModel):
    """A row, as Supabase's database webhooks send it, or ids of conversations that were enriched at once.

    https://supabase.com/docs/guides/database/webhooks: there is more in it, which does not matter here.
    """

    model_config = ConfigDict(
        hide_input_in_errors=True,
        defer_build=True,
        # Not as `anyOf`, which programs that make clients take for a choice between two models.
        json_schema_extra={"if": {"required": ["conversation_ids"]}, "else": {"required": ["record"]}},
    )

    record: EnrichedRecord | None = Field(None, description="null, when the row was deleted, says nothing.")
    conversation_ids: list[Id] = Field(default_factory=list, min_length=1, max_length=MAX_ENRICHED_IDS)

    @model_validator(mode="after")
    def says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("send record or conversation_ids")
        return self

    def ids_with(self, usable_statuses: Sequence[str]) -> list[UUID]:
        """The conversations that may be used. Of ids alone no status is known, so they all may."""
        is_usable = self.record is not None and self.record.enrichment_status in usable_statuses
        return [*([self.record.conversation_id] if self.record and is_usable else []), *self.conversation_ids]
