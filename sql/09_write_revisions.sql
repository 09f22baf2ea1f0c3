-- Writing a revision: begun, and committed or abandoned, each in one transaction. Every function is safe to call again with
-- the same arguments: a lost answer can be asked for anew.

-- The intention to write a revision, before its first object is written. With p_new_file the training file itself is made
-- too, in status processing, which reserves its name. A name held by a creation that died before its first commit can be
-- taken over after 15 minutes, as long as a Lambda function can live. What is asked for in the background gets rows of its
-- own: the ids of p_requested, with p_scope what its selection takes (19_select_conversations.sql), or all that have changed
-- (21_refresh_in_shards.sql).
-- Outcomes: begun | name_taken | not_found | archived | processing | no_revision to go back to | those of a selection.
drop function if exists public.begin_training_file_revision(uuid, uuid, uuid, jsonb, jsonb);
drop function if exists public.begin_training_file_revision(uuid, uuid, uuid, jsonb, jsonb, boolean);
create or replace function public.begin_training_file_revision(
  p_revision_id      uuid,
  p_training_file_id uuid,
  p_owner            uuid,
  p_requested        jsonb,
  p_new_file         jsonb default null,
  p_background       boolean default false,
  p_scope            jsonb default null
) returns jsonb language plpgsql set search_path = '' set statement_timeout = '25s' as $$
declare
  file     public.training_files;
  base     public.training_file_revisions;
  asked    uuid[] := array(select jsonb_array_elements_text(p_requested -> 'conversation_ids')::uuid);
  selected uuid[];
  outcome  jsonb;
begin
  if p_new_file is not null then
    delete from public.training_files f
    where f.created_by = p_owner and f.name = p_new_file ->> 'name' and f.id <> p_training_file_id
      and f.status = 'processing' and f.revision = 0 and f.updated_at < now() - interval '15 minutes'
      and not exists (
        select from public.training_file_revisions r where r.training_file_id = f.id and r.background);
    insert into public.training_files (id, name, description, target_model, status, created_by)
    values (p_training_file_id, p_new_file ->> 'name', p_new_file ->> 'description',
            p_new_file ->> 'target_model', 'processing', p_owner)
    on conflict do nothing;
  end if;
  select * into file from public.training_files f
  where f.id = p_training_file_id and (p_owner is null or f.created_by = p_owner)
  for key share;
  if not found then
    return jsonb_build_object('outcome', case when p_new_file is null then 'not_found' else 'name_taken' end);
  elsif file.status = 'archived' then
    return jsonb_build_object('outcome', 'archived');
  elsif p_new_file is null and file.status <> 'active' then
    return jsonb_build_object('outcome', 'processing');
  elsif p_requested ->> 'change' = 'revert'
      and (public.kept_training_file_revision(file.id, (p_requested ->> 'revision')::integer)).id is null then
    return jsonb_build_object('outcome', 'no_revision');
  end if;

  if p_scope is not null and not exists (select from public.training_file_revisions r where r.id = p_revision_id) then
    selected := public.select_training_file_conversations(
      file.created_by, file.id, p_requested -> 'selection', p_scope, asked);
    outcome := public.training_file_selection_outcome(
      file.created_by, p_requested -> 'selection', cardinality(selected), cardinality(asked));
    if outcome ->> 'outcome' <> 'selected' then
      delete from public.training_files f where f.id = file.id and p_new_file is not null and f.revision = 0;
      return outcome;
    end if;
    asked := asked || selected;
  elsif coalesce((p_requested ->> 'changed')::boolean, false) then
    asked := public.changed_training_file_conversations(file.id, file.revision);
  end if;
  insert into public.training_file_revisions (
    id, training_file_id, number, requested, json_file_path, jsonl_file_path, created_by,
    background, asked_at, progress_total, skipped_total, change)
  values (p_revision_id, file.id, file.revision + 1, p_requested - 'conversation_ids',
          p_revision_id || '/training.json', p_revision_id || '/training.jsonl',
          coalesce(p_owner, file.created_by), p_background,
          case when coalesce((p_requested ->> 'by_rule')::boolean, false) then null else now() end,
          cardinality(asked), (p_requested ->> 'skipped_total')::integer,
          jsonb_build_object(
            'kind', coalesce(p_requested ->> 'change', case when file.revision = 0 then 'create' else 'add' end),
            'count', case when p_requested ? 'conversation_ids' then cardinality(asked) end)
            || jsonb_strip_nulls(jsonb_build_object('selection', p_requested -> 'selection')))
  on conflict (id) do nothing;
  if found and p_background then
    perform public.keep_requested_conversations(p_revision_id, asked);
  end if;

  select * into base from public.training_file_revisions r
  where r.training_file_id = file.id and r.status = 'committed' and r.number = file.revision;
  return jsonb_build_object(
    'outcome', 'begun', 'training_file', to_jsonb(file), 'conversation_count', (
      select r.progress_total from public.training_file_revisions r where r.id = p_revision_id),
    'base', case when base.id is not null then to_jsonb(base) - 'requested' end);
end
$$;

-- The commit: the revision, its conversations, and the training file's totals and paths change together or
-- not at all, and only while the training file still stands at the revision that the new one was built on.
-- Outcomes: committed | superseded (another writer was first: rebase) | archived | gone.
-- The figures of conversations are those that were staged for the revision, p_conversations, and the rows of
-- p_result.shard_tries. Members named by p_result.removed end, and of a refresh those that the tries have; figures of one of
-- these take its place, all others stand behind what there ever was. With p_result.reverted_to the members become those of
-- that revision again.
create or replace function public.commit_training_file_revision(
  p_revision_id       uuid,
  p_expected_revision integer,
  p_result            jsonb,
  p_conversations     jsonb
) returns jsonb language plpgsql set search_path = '' set statement_timeout = '60s' as $$
declare
  file    public.training_files;
  attempt public.training_file_revisions;
  columns jsonb := p_result -> 'training_file';
  removed uuid[]           := array(select jsonb_array_elements_text(nullif(p_result -> 'removed', 'null'))::uuid);
  target  constant integer := (p_result ->> 'reverted_to')::integer;
  tries   constant uuid[]  := array(
    select t.id from public.training_file_shard_tries t
    where t.revision_id = p_revision_id and t.finished_at is not null
      and t.id in (select jsonb_array_elements_text(nullif(p_result -> 'shard_tries', 'null'))::uuid));
  number  constant integer := p_expected_revision + 1;
  given   integer;
  ended   integer;
  behind  integer;
begin
  select f.* into file from public.training_files f
  join public.training_file_revisions r on r.training_file_id = f.id
  where r.id = p_revision_id
  for update of f;
  if not found then
    return jsonb_build_object('outcome', 'gone');
  end if;

  select * into attempt from public.training_file_revisions r where r.id = p_revision_id for update;
  if attempt.status = 'committed' then
    return jsonb_build_object('outcome', 'committed', 'training_file', to_jsonb(file));
  elsif attempt.status = 'failed' then
    return jsonb_build_object('outcome', 'gone');
  elsif file.status = 'archived' then
    return jsonb_build_object('outcome', 'archived');
  elsif file.revision <> p_expected_revision then
    return jsonb_build_object('outcome', 'superseded');
  end if;

  select count(*) + jsonb_array_length(p_conversations) + (
    select count(*) from public.training_file_sharded_conversations c where c.try_id = any (tries)) into given
  from public.training_file_staged_conversations s where s.revision_id = p_revision_id;
  if p_result #>> '{change,kind}' = 'refresh' then
    removed := removed || array(
      select c.conversation_id from public.training_file_sharded_conversations c where c.try_id = any (tries));
  end if;

  update public.training_file_revisions r set
    number           = p_expected_revision + 1,
    change           = jsonb_strip_nulls(coalesce(nullif(p_result -> 'change', 'null'), jsonb_build_object(
                         'kind', case when file.revision = 0 then 'create' else 'add' end, 'count', given))
                         || jsonb_build_object('selection', r.requested -> 'selection')),
    status           = 'committed',
    json_file_size   = (columns ->> 'json_file_size')::bigint,
    jsonl_file_size  = (columns ->> 'jsonl_file_size')::bigint,
    json_body_offset = (p_result ->> 'json_body_offset')::bigint,
    totals           = p_result -> 'totals',
    warnings         = nullif(p_result -> 'warnings', 'null'),
    requested        = r.requested || jsonb_build_object('skipped', p_result -> 'skipped'),
    skipped_total    = (p_result ->> 'skipped_total')::integer,
    progress_done    = coalesce((p_result #>> '{change,count}')::integer, given),
    progress_total   = coalesce((p_result #>> '{change,count}')::integer, given),
    error            = null,
    lease_expires_at = null,
    finished_at      = now()
  where r.id = p_revision_id;
  -- Who asks for more after a build has failed is done with it.
  update public.training_file_revisions r
  set error = r.error || jsonb_build_object('settled_by', p_revision_id)
  where r.training_file_id = file.id and r.awaits_retry and r.finished_at < attempt.asked_at;

  select coalesce(max(m.position), 0) into behind
  from public.training_file_conversations m where m.training_file_id = file.id;
  update public.training_file_conversations m set removed_in_revision = number
  where m.training_file_id = file.id and m.removed_in_revision is null
    and (m.conversation_id in (select unnest(removed)) or m.added_in_revision > target);
  get diagnostics ended = row_count;

  perform public.put_training_file_members(attempt, number, behind, p_conversations);
  perform public.put_sharded_training_file_members(attempt, number, behind, tries);
  if target is not null then
    insert into public.training_file_conversations (
      training_file_id, conversation_id, position, added_at, added_by, added_in_revision,
      training_pairs, trainable_pairs, score_sum, score_count, min_quality_score, max_quality_score,
      reviewed_pairs, persona_key, emotional_arc_key, training_topic_key, enriched_sha256, analysis, json_size, jsonl_size)
    select m.training_file_id, m.conversation_id, m.position, m.added_at, m.added_by, number,
      m.training_pairs, m.trainable_pairs, m.score_sum, m.score_count, m.min_quality_score, m.max_quality_score,
      m.reviewed_pairs, m.persona_key, m.emotional_arc_key, m.training_topic_key, m.enriched_sha256, m.analysis,
      m.json_size, m.jsonl_size
    from public.training_file_conversations m
    where m.training_file_id = file.id and m.added_in_revision <= target and m.removed_in_revision > target;
    get diagnostics given = row_count;
  end if;
  if file.conversation_count - ended + given <> (columns ->> 'conversation_count')::integer then
    raise exception 'revision % has the figures of % conversations, not of all', p_revision_id, given;
  end if;

  delete from public.training_file_staged_conversations s where s.revision_id = p_revision_id;

  update public.training_files f set
    json_file_path           = attempt.json_file_path,
    jsonl_file_path          = attempt.jsonl_file_path,
    json_file_size           = (columns ->> 'json_file_size')::bigint,
    jsonl_file_size          = (columns ->> 'jsonl_file_size')::bigint,
    vertical                 = columns ->> 'vertical',
    conversation_count       = (columns ->> 'conversation_count')::integer,
    total_training_pairs     = (columns ->> 'total_training_pairs')::integer,
    trainable_pairs          = (columns ->> 'trainable_pairs')::integer,
    avg_quality_score        = (columns ->> 'avg_quality_score')::numeric,
    min_quality_score        = (columns ->> 'min_quality_score')::numeric,
    max_quality_score        = (columns ->> 'max_quality_score')::numeric,
    human_reviewed_count     = (columns ->> 'human_reviewed_count')::integer,
    scaffolding_distribution = columns -> 'scaffolding_distribution',
    status                   = 'active',
    revision                 = p_expected_revision + 1,
    last_updated_at          = (columns ->> 'last_updated_at')::timestamptz,
    created_at               = case when f.revision = 0
                                 then (columns ->> 'last_updated_at')::timestamptz else f.created_at end
  where f.id = file.id
  returning f.* into file;

  return jsonb_build_object('outcome', 'committed', 'training_file', to_jsonb(file));
end
$$;

-- Gives up a revision that was not committed. A training file that never had one goes with it.
create or replace function public.abandon_training_file_revision(p_revision_id uuid, p_error jsonb)
returns void language plpgsql set search_path = '' set statement_timeout = '25s' as $$
begin
  update public.training_file_revisions r
  set status = 'failed', error = p_error, finished_at = now()
  where r.id = p_revision_id and r.status = 'building';
  delete from public.training_file_staged_conversations s
  using public.training_file_revisions r
  where r.id = p_revision_id and r.status = 'failed' and s.revision_id = r.id;

  delete from public.training_files f
  using public.training_file_revisions r
  where r.id = p_revision_id and f.id = r.training_file_id
    and r.status = 'failed' and f.revision = 0 and f.status = 'processing'
    and not exists (
      select from public.training_file_revisions other
      where other.training_file_id = f.id and other.status = 'building');
end
$$;
