-- Takes everything of Training Files out of the database, with all rows. conversations and its bucket stay.
-- Delete the objects of the bucket training-files first, and the bucket, in Supabase's dashboard: rows of storage.objects
-- that are deleted by SQL leave their objects behind.

drop table if exists public.training_file_events, public.training_file_removals, public.training_file_exports,
  public.training_file_tags, public.training_file_staged_conversations, public.training_file_requested_parts,
  public.training_file_requested_conversations, public.training_file_sharded_conversations, public.training_file_shard_tries, public.training_file_conversations,
  public.training_file_revisions, public.training_files cascade;

do $$
declare
  ours   constant text[] := array[
    'tell_of_enriched_conversation',
    'touch_training_file',
    'check_training_file_texts',
    'limit_collecting_training_files',
    'training_file_event_detail',
    'tell_of_training_file_revision',
    'tell_of_training_file_removal',
    'tell_of_training_file_failure',
    'mark_training_file_events_published',
    'prune_training_file_events',
    'remember_removed_training_file_revision',
    'remember_removed_training_file_export',
    'remove_exports_of_training_file_revision',
    'training_file_snapshot',
    'resolve_training_file_request',
    'match_training_file_collections',
    'suggest_training_file_conversations',
    'begin_training_file_revision',
    'commit_training_file_revision',
    'stage_training_file_conversations',
    'abandon_training_file_revision',
    'claim_training_file_revision',
    'latest_training_file_attempt',
    'continue_training_file_revision',
    'prune_training_file_attempts',
    'prune_training_file_exports',
    'report_training_file_progress',
    'release_training_file_revision',
    'fail_training_file_revision',
    'retry_training_file_build',
    'delete_training_file',
    'begin_training_file_export',
    'claim_training_file_export',
    'renew_training_file_export',
    'release_training_file_export',
    'commit_training_file_export',
    'fail_training_file_export',
    'list_training_file_export_objects',
    'list_training_file_housekeeping',
    'mark_training_file_objects_removed',
    'list_training_file_exports_left',
    'training_file_revision_surroundings',
    'training_file_filter_conditions',
    'training_file_not_in_condition',
    'training_file_rule_matches',
    'training_file_choices_query',
    'unknown_training_file_of_filter',
    'list_conversations_for_training_files',
    'summarize_conversations_for_training_files',
    'look_up_training_file_members',
    'note_training_file_sizes',
    'compare_training_file_revisions',
    'kept_training_file_revision',
    'tag_training_file_revision',
    'untag_training_file_revision',
    'is_training_file_revision_needless',
    'give_up_training_file_revisions',
    'training_file_usable_condition',
    'training_file_counts_query',
    'keep_requested_conversations',
    'list_requested_conversations',
    'forget_requested_conversations',
    'training_file_shares',
    'training_file_counts_with',
    'select_training_file_conversations',
    'look_up_training_file_selection',
    'preview_training_file_addition',
    'lasting_training_file_attempt',
    'renew_sharded_training_file_build',
    'begin_training_file_shard',
    'stage_training_file_shard',
    'finish_training_file_shard',
    'finished_training_file_shards',
    'list_training_file_shards_to_do',
    'list_failed_training_file_shards',
    'list_finished_training_file_shards',
    'estimate_training_file_build',
    'changed_training_file_conversations',
    'list_training_file_stretches',
    'add_up_refreshed_training_file',
    'put_training_file_members',
    'put_sharded_training_file_members',
    'training_file_folder_objects',
    'list_training_file_folder_objects',
    'list_training_file_shards_left',
    'forget_training_file_shard_tries',
    'training_file_selection_outcome'];
  called record;
begin
  for called in
    select p.oid::regprocedure as signature
    from pg_proc p where p.pronamespace = 'public'::regnamespace and p.proname = any (ours)
  loop
    execute format('drop function %s cascade', called.signature);
  end loop;
end
$$;

drop policy if exists "Owners read the objects of their training files" on storage.objects;
drop policy if exists "Owners read the exports of their training files" on storage.objects;
