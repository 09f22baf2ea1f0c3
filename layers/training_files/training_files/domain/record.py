"""What all records have in common."""

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """Columns that a newer database has and this code does not know are ignored.

    Validators are built when first used: a cold start pays only for the records that its call needs.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", arbitrary_types_allowed=True, defer_build=True)
