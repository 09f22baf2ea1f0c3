"""What the examples of all subjects are about: one training file of two conversations."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from training_files.domain.training_file.revision import Change, Revision
from training_files.domain.training_file.training_file import TrainingFile

FILE_ID = UUID("7c0e4a52-61d3-4c1e-9a55-2f6d1b8e9c10")
REVISION_ID = UUID("3d5b9e1f-0c47-4c39-8a0b-5e2f7d6c4b21")
EXPORT_ID = UUID("c2f7e6a1-5b3d-4e90-8f14-6a9d0c7b2e55")
OWNER_ID = UUID("b1a7c3d9-4e58-4f02-9d6a-8c7b5e4f3a12")
CONVERSATION_IDS = (UUID("5f2c8b7e-93a4-4d61-b0c8-1e7d6f5a4b33"), UUID("e8d4a1c6-27b5-4f93-8a1d-9c0b3e6f7d44"))
REQUEST_ID = "JKJaXmPLvHcESHA="
CREATED_AT = datetime(2026, 2, 1, 12, 0, 0, 250_000, tzinfo=UTC)

FILE = TrainingFile(
    id=FILE_ID,
    name="First file",
    description="For the spring release.",
    json_file_path=f"{REVISION_ID}/training.json",
    jsonl_file_path=f"{REVISION_ID}/training.jsonl",
    target_model="mistral-7b",
    vertical="financial_planning_consultant",
    conversation_count=2,
    total_training_pairs=12,
    trainable_pairs=6,
    json_file_size=113_204,
    jsonl_file_size=98_417,
    avg_quality_score=Decimal("4.25"),
    min_quality_score=Decimal("3.5"),
    max_quality_score=Decimal(5),
    human_reviewed_count=3,
    scaffolding_distribution={
        "personas": {"anxious_planner": 1, "late_saver": 1},
        "emotional_arcs": {"fear_to_confidence": 2},
        "training_topics": {"retirement": 1, "debt": 1},
    },
    status="active",
    revision=1,
    last_updated_at=CREATED_AT,
    created_by=OWNER_ID,
    created_at=CREATED_AT,
    updated_at=CREATED_AT,
)
REVISION = Revision(
    id=REVISION_ID,
    training_file_id=FILE_ID,
    number=1,
    status="committed",
    change=Change(kind="create", count=2),
    json_file_path=f"{REVISION_ID}/training.json",
    jsonl_file_path=f"{REVISION_ID}/training.jsonl",
    json_file_size=FILE.json_file_size,
    jsonl_file_size=FILE.jsonl_file_size,
    totals={"conversation_count": 2, "total_training_pairs": 12, "trainable_pairs": 6},
    created_by=OWNER_ID,
    created_at=CREATED_AT,
    finished_at=CREATED_AT + timedelta(seconds=2),
    tags=("baseline",),
)
IDS = [str(conversation_id) for conversation_id in CONVERSATION_IDS]
LINK = "https://abcdefgh.supabase.co/storage/v1/object/sign/training-files"
