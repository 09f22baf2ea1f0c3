"""What sql/ makes, as `make verify` expects to find it. Whatever a migration adds is added here."""

from dataclasses import dataclass

MIGRATE = "run `make migrate`, or paste sql/ into the SQL editor"

CONVERSATION_COLUMNS = (
    "id conversation_id enrichment_status enriched_file_path persona_key emotional_arc_key topic_key "
    "scaffolding_snapshot quality_score created_by created_at"
)


@dataclass(frozen=True)
class Table:
    """A table of ours: its columns, the policies for users, the columns that users may change, and its triggers."""

    columns: str
    policies: frozenset[str] = frozenset()
    editable: frozenset[str] = frozenset()
    triggers: frozenset[str] = frozenset()


TABLES = {
    "training_files": Table(
        columns="id name description json_file_path jsonl_file_path storage_bucket target_model vertical "
        "conversation_count total_training_pairs trainable_pairs json_file_size jsonl_file_size avg_quality_score "
        "min_quality_score max_quality_score human_reviewed_count scaffolding_distribution status revision "
        "last_updated_at created_by created_at updated_at collect",
        policies=frozenset({"Owners read their training files", "Owners edit their finished training files"}),
        editable=frozenset({"name", "description", "status"}),
        triggers=frozenset(
            {
                "training_files_check_texts",
                "training_files_limit_collecting",
                "training_files_touch",
                "training_files_tell_of_revision",
                "training_files_tell_of_removal",
            }
        ),
    ),
    "training_file_revisions": Table(
        columns="id training_file_id number status requested skipped progress_done progress_total error "
        "json_file_path jsonl_file_path json_file_size jsonl_file_size json_body_offset totals created_by created_at "
        "finished_at published_at background lease_owner lease_expires_at objects_removed_at pruned_at warnings "
        "asked_at awaits_retry change skipped_total",
        policies=frozenset({"Owners read their revisions"}),
        triggers=frozenset(
            {
                "training_file_revisions_tell_of_failure",
                "training_file_revisions_removed",
                "training_file_revisions_remove_exports",
                "training_file_revisions_forget_requested",
            }
        ),
    ),
    "training_file_conversations": Table(
        columns="training_file_id conversation_id position added_at added_by added_in_revision "
        "training_pairs trainable_pairs score_sum score_count min_quality_score max_quality_score reviewed_pairs "
        "persona_key emotional_arc_key training_topic_key enriched_sha256 analysis "
        "removed_in_revision json_size jsonl_size",
        policies=frozenset({"Owners read what is in their training files"}),
    ),
    "training_file_staged_conversations": Table(columns="revision_id position figures"),
    "training_file_requested_parts": Table(columns="revision_id part conversation_ids"),
    "training_file_shard_tries": Table(columns="id revision_id shard path begun_at finished_at result message"),
    "training_file_sharded_conversations": Table(
        columns="try_id position conversation_id training_pairs trainable_pairs score_sum score_count "
        "min_quality_score max_quality_score reviewed_pairs persona_key emotional_arc_key training_topic_key "
        "enriched_sha256 analysis json_size jsonl_size",
    ),
    "training_file_exports": Table(
        columns="id training_file_id revision key request status background lease_owner lease_expires_at result error "
        "created_by created_at finished_at used_at",
        policies=frozenset({"Owners read their exports", "Owners say that they use their exports"}),
        editable=frozenset({"used_at"}),
        triggers=frozenset({"training_file_exports_removed", "training_file_exports_failed"}),
    ),
    "training_file_tags": Table(
        columns="training_file_id name revision_id created_by created_at updated_at",
        policies=frozenset({"Owners read the tags of their training files"}),
    ),
    "training_file_removals": Table(columns="revision_id created_at removed_at"),
    "training_file_events": Table(
        columns="id sequence training_file_id type detail created_at published_at",
    ),
}

FUNCTIONS = (
    "training_file_snapshot",
    "resolve_training_file_request",
    "prune_training_file_attempts",
    "prune_training_file_exports",
    "begin_training_file_revision",
    "commit_training_file_revision",
    "stage_training_file_conversations",
    "abandon_training_file_revision",
    "claim_training_file_revision",
    "latest_training_file_attempt",
    "continue_training_file_revision",
    "report_training_file_progress",
    "release_training_file_revision",
    "fail_training_file_revision",
    "retry_training_file_build",
    "delete_training_file",
    "list_training_file_housekeeping",
    "mark_training_file_objects_removed",
    "training_file_event_detail",
    "mark_training_file_events_published",
    "prune_training_file_events",
    "match_training_file_collections",
    "begin_training_file_export",
    "claim_training_file_export",
    "renew_training_file_export",
    "release_training_file_export",
    "commit_training_file_export",
    "fail_training_file_export",
    "list_training_file_export_objects",
    "list_training_file_exports_left",
    "suggest_training_file_conversations",
    "training_file_revision_surroundings",
    "training_file_filter_conditions",
    "training_file_not_in_condition",
    "training_file_rule_matches",
    "training_file_choices_query",
    "unknown_training_file_of_filter",
    "list_conversations_for_training_files",
    "summarize_conversations_for_training_files",
    "look_up_training_file_members",
    "note_training_file_sizes",
    "compare_training_file_revisions",
    "kept_training_file_revision",
    "tag_training_file_revision",
    "untag_training_file_revision",
    "is_training_file_revision_needless",
    "give_up_training_file_revisions",
    "training_file_usable_condition",
    "training_file_counts_query",
    "training_file_shares",
    "training_file_counts_with",
    "select_training_file_conversations",
    "look_up_training_file_selection",
    "preview_training_file_addition",
    "keep_requested_conversations",
    "list_requested_conversations",
    "lasting_training_file_attempt",
    "renew_sharded_training_file_build",
    "begin_training_file_shard",
    "stage_training_file_shard",
    "finish_training_file_shard",
    "finished_training_file_shards",
    "list_training_file_shards_to_do",
    "list_failed_training_file_shards",
    "list_finished_training_file_shards",
    "estimate_training_file_build",
    "changed_training_file_conversations",
    "list_training_file_stretches",
    "add_up_refreshed_training_file",
    "put_training_file_members",
    "put_sharded_training_file_members",
    "training_file_folder_objects",
    "list_training_file_folder_objects",
    "list_training_file_shards_left",
    "forget_training_file_shard_tries",
    "training_file_selection_outcome",
)

BUCKET = "training-files"
# Below the first nothing of use fits, below the second training files of some hundred conversations do not.
USELESS_BUCKET_BYTES, SMALL_BUCKET_BYTES = 1024 * 1024, 50 * 1024 * 1024
CONVERSATION_BUCKET = "conversation-files"
MIME_TYPES = frozenset({"application/json", "application/x-ndjson", "application/zip", "text/plain"})
OBJECT_POLICIES = (
    "Owners read the objects of their training files",
    "Owners read the exports of their training files",
)
