"""What a database webhook sends."""

from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from training_files.api.parsing import Id
from training_files.domain.conversation.conversation import ENRICHED

# Queued ten at a time while the database waits; as many as the trigger in sql/optional tells of at once.
MAX_ENRICHED_IDS = 500


class EnrichedRecord(BaseModel):
    """A row of `conversations`, as a database webhook sends it."""

    model_config = ConfigDict(defer_build=True)

    conversation_id: Id
    enrichment_status: str | None = None

    @property
    def is_enriched(self) -> bool:
        return self.enrichment_status in ENRICHED


class ConversationEnrichedRequest(BaseModel):
    """A row, as Supabase's database webhooks send it, or ids of conversations that were enriched at once.

    https://supabase.com/docs/guides/database/webhooks: there is more in it, which does not matter here.
    """

    model_config = ConfigDict(
        hide_input_in_errors=True,
        defer_build=True,
        json_schema_extra={"anyOf": [{"required": ["record"]}, {"required": ["conversation_ids"]}]},
    )

    record: EnrichedRecord | None = Field(None, description="null, when the row was deleted, says nothing.")
    conversation_ids: list[Id] = Field(default_factory=list, min_length=1, max_length=MAX_ENRICHED_IDS)

    @model_validator(mode="after")
    def says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("send record or conversation_ids")
        return self

    @property
    def enriched_ids(self) -> list[UUID]:
        of_record = [self.record.conversation_id] if self.record and self.record.is_enriched else []
        return of_record + self.conversation_ids
