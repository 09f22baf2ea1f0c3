-- What the service asks of the database in one transaction each. Every function is callable by the
-- service role only, and safe to call again with the same arguments: a lost answer can be asked for anew.

-- Everything a request needs to know before anything is built, in one query of any size:
-- the conversations that the caller may use, found by their conversation_id or row id; whether they are in
-- the training file already; the training file with its current revision; whether the wanted name is taken
-- (by more than a creation that died, whose name begin_training_file_revision takes over).
create or replace function public.resolve_training_file_request(
  p_owner             uuid,
  p_ids               jsonb,
  p_all_conversations boolean,
  p_training_file_id  uuid default null,
  p_name              text default null
) returns jsonb language plpgsql stable set search_path = '' as $$
declare
  wanted uuid[] := array(select jsonb_array_elements_text(p_ids)::uuid);
  caller uuid   := coalesce(p_owner, (
    select f.created_by from public.training_files f where f.id = p_training_file_id));
begin
  return jsonb_build_object(
    'name_taken', exists (
      select from public.training_files f
      where f.created_by = p_owner and f.name = p_name
        and not (f.status = 'processing' and f.revision = 0
          and f.updated_at < now() - interval '15 minutes'
          and not exists (
            select from public.training_file_revisions r where r.training_file_id = f.id and r.background))),
    'training_file', (
      select to_jsonb(f) from public.training_files f
      where f.id = p_training_file_id and (p_owner is null or f.created_by = p_owner)),
    -- Without what was asked for then: only whoever builds it has use for up to 10,000 ids.
    'base', (
      select to_jsonb(r) - 'requested' from public.training_file_revisions r
      join public.training_files f on f.id = r.training_file_id
      where f.id = p_training_file_id and (p_owner is null or f.created_by = p_owner)
        and r.status = 'committed' and r.number = f.revision),
    'conversations', coalesce((
      select jsonb_agg(jsonb_build_object(
        'id', c.id,
        'conversation_id', c.conversation_id,
        'enrichment_status', c.enrichment_status,
        'enriched_file_path', c.enriched_file_path,
        'quality_score', c.quality_score,
        'created_at', c.created_at,
        -- Some projects have no column batch_id. Inside the sub-select the name means the table's column
        -- where there is one, and otherwise the constant of the outer query.
        'batch_id', (select batch_id::text from public.conversations t where t.id = c.id),
        'persona_key', coalesce(
          nullif(c.persona_key, ''), c.scaffolding_snapshot #>> '{persona,persona_key}'),
        'persona_name', c.scaffolding_snapshot #>> '{persona,name}',
        'emotional_arc_key', coalesce(
          nullif(c.emotional_arc_key, ''), c.scaffolding_snapshot #>> '{emotional_arc,arc_key}'),
        'emotional_arc_name', c.scaffolding_snapshot #>> '{emotional_arc,name}',
        'training_topic_key', coalesce(
          nullif(c.topic_key, ''), c.scaffolding_snapshot #>> '{training_topic,topic_key}'),
        'training_topic_name', c.scaffolding_snapshot #>> '{training_topic,name}',
        'already_in_file', exists (
          select from public.training_file_conversations m
          where m.training_file_id = p_training_file_id and m.conversation_id = c.conversation_id)))
      from public.conversations c
      cross join (select null::text as batch_id) as absent_column
      where (c.conversation_id = any (wanted) or c.id = any (wanted))
        and (p_all_conversations or c.created_by is null or c.created_by = caller)
    ), '[]'::jsonb));
end
$$;

-- The intention to write a revision, before its first object is written. With p_new_file the training
-- file itself is made too, in status processing, which reserves its name. A name held by a creation that died
-- before its first commit can be taken over after 15 minutes, as long as a Lambda function can live.
-- Outcomes: begun | name_taken | not_found | archived | processing.
create or replace function public.begin_training_file_revision(
  p_revision_id      uuid,
  p_training_file_id uuid,
  p_owner            uuid,
  p_requested        jsonb,
  p_new_file         jsonb default null,
  p_background       boolean default false
) returns jsonb language plpgsql set search_path = '' as $$
declare
  file public.training_files;
  base public.training_file_revisions;
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
  end if;

  insert into public.training_file_revisions (
    id, training_file_id, number, requested, json_file_path, jsonl_file_path, created_by,
    background, asked_at, progress_total)
  values (p_revision_id, file.id, file.revision + 1, p_requested,
          p_revision_id || '/training.json', p_revision_id || '/training.jsonl',
          coalesce(p_owner, file.created_by),
          p_background,
          case when coalesce((p_requested ->> 'by_rule')::boolean, false) then null else now() end,
          coalesce(jsonb_array_length(p_requested -> 'conversation_ids'), 0))
  on conflict (id) do nothing;

  select * into base from public.training_file_revisions r
  where r.training_file_id = file.id and r.status = 'committed' and r.number = file.revision;
  return jsonb_build_object(
    'outcome', 'begun', 'training_file', to_jsonb(file),
    'base', case when base.id is not null then to_jsonb(base) - 'requested' end);
end
$$;

-- The commit: the revision, its conversations, and the training file's totals and paths change together or
-- not at all, and only while the training file still stands at the revision that the new one was built on.
-- Outcomes: committed | superseded (another writer was first: rebase) | archived | gone.
-- The figures of conversations are those that were staged for the revision, and p_conversations.
create or replace function public.commit_training_file_revision(
  p_revision_id       uuid,
  p_expected_revision integer,
  p_result            jsonb,
  p_conversations     jsonb
) returns jsonb language plpgsql set search_path = '' as $$
declare
  file    public.training_files;
  attempt public.training_file_revisions;
  columns jsonb := p_result -> 'training_file';
  given   integer;
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

  select count(*) + jsonb_array_length(p_conversations) into given
  from public.training_file_staged_conversations s where s.revision_id = p_revision_id;
  if given <> (columns ->> 'conversation_count')::integer - file.conversation_count then
    raise exception 'revision % has the figures of % conversations, not of all', p_revision_id, given;
  end if;

  update public.training_file_revisions r set
    number           = p_expected_revision + 1,
    status           = 'committed',
    json_file_size   = (columns ->> 'json_file_size')::bigint,
    jsonl_file_size  = (columns ->> 'jsonl_file_size')::bigint,
    json_body_offset = (p_result ->> 'json_body_offset')::bigint,
    totals           = p_result -> 'totals',
    warnings         = nullif(p_result -> 'warnings', 'null'),
    requested        = r.requested || jsonb_build_object('skipped', p_result -> 'skipped'),
    progress_done    = given,
    progress_total   = given,
    error            = null,
    lease_expires_at = null,
    finished_at      = now()
  where r.id = p_revision_id;
  -- Who asks for more after a build has failed is done with it.
  update public.training_file_revisions r
  set error = r.error || jsonb_build_object('settled_by', p_revision_id)
  where r.training_file_id = file.id and r.awaits_retry and r.finished_at < attempt.asked_at;

  insert into public.training_file_conversations (
    training_file_id, conversation_id, position, added_by, added_in_revision,
    training_pairs, trainable_pairs, score_sum, score_count, min_quality_score, max_quality_score,
    reviewed_pairs, persona_key, emotional_arc_key, training_topic_key, enriched_sha256, analysis)
  select file.id, c.conversation_id, file.conversation_count + c.position, attempt.created_by,
    p_expected_revision + 1,
    c.training_pairs, c.trainable_pairs, c.score_sum, c.score_count, c.min_quality_score,
    c.max_quality_score, c.reviewed_pairs, c.persona_key, c.emotional_arc_key, c.training_topic_key,
    c.enriched_sha256, c.analysis
  from (
    select s.figures from public.training_file_staged_conversations s where s.revision_id = p_revision_id
    union all
    select jsonb_array_elements(p_conversations)
  ) as rows
  cross join lateral jsonb_to_record(rows.figures) as c (
    conversation_id uuid, position integer, training_pairs integer, trainable_pairs integer,
    score_sum numeric, score_count integer, min_quality_score numeric, max_quality_score numeric,
    reviewed_pairs integer, persona_key text, emotional_arc_key text, training_topic_key text,
    enriched_sha256 text, analysis jsonb);

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

-- Lays the figures of conversations aside for the commit of a revision that is too large for one call. An attempt that
-- has ended takes none: its writer was taken for lost, and nobody would ever clear them away.
create or replace function public.stage_training_file_conversations(p_revision_id uuid, p_conversations jsonb)
returns void language plpgsql set search_path = '' as $$
begin
  perform from public.training_file_revisions r where r.id = p_revision_id and r.status = 'building' for share;
  if not found then
    return;
  end if;

  insert into public.training_file_staged_conversations (revision_id, position, figures)
  select p_revision_id, (staged.figures ->> 'position')::integer, staged.figures
  from jsonb_array_elements(p_conversations) as staged (figures)
  on conflict (revision_id, position) do update set figures = excluded.figures;
end
$$;

-- Gives up a revision that was not committed. A training file that never had one goes with it.
create or replace function public.abandon_training_file_revision(p_revision_id uuid, p_error jsonb)
returns void language plpgsql set search_path = '' as $$
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

-- Who builds a revision in the background, for how long. A lease that nobody renews expires, and so does the revision:
-- whoever comes next builds under p_next_id, in a folder of its own, because the one before may still be writing.
-- Outcomes: claimed (the revision is the one to build) | leased (someone is at it) | finished | gone.
create or replace function public.claim_training_file_revision(
  p_revision_id   uuid,
  p_worker        uuid,
  p_next_id       uuid,
  p_lease_seconds integer
) returns jsonb language plpgsql set search_path = '' as $$
declare
  attempt public.training_file_revisions;
  file    public.training_files;
  base    public.training_file_revisions;
begin
  attempt := public.latest_training_file_attempt(p_revision_id);
  if attempt.id is null then
    return jsonb_build_object('outcome', 'gone');
  elsif attempt.status <> 'building' then
    return jsonb_build_object('outcome', 'finished');
  elsif attempt.lease_owner <> p_worker and attempt.lease_expires_at > now() then
    return jsonb_build_object('outcome', 'leased');
  end if;

  if attempt.lease_owner is null then
    update public.training_file_revisions r
    set lease_owner = p_worker, lease_expires_at = now() + make_interval(secs => p_lease_seconds)
    where r.id = attempt.id returning r.* into attempt;
  elsif attempt.lease_owner <> p_worker then
    attempt := public.continue_training_file_revision(
      attempt.id, p_worker, p_next_id, p_lease_seconds, coalesce(attempt.error ->> 'message', 'the worker was lost'));
  end if;

  select * into file from public.training_files f where f.id = attempt.training_file_id;
  select * into base from public.training_file_revisions r
  where r.training_file_id = file.id and r.status = 'committed' and r.number = file.revision;
  return jsonb_build_object(
    'outcome', 'claimed', 'revision', to_jsonb(attempt) - 'requested', 'requested', attempt.requested,
    'training_file', to_jsonb(file),
    'base', case when base.id is not null then to_jsonb(base) - 'requested' end);
end
$$;

-- The attempt that took over from this one, or this one; locked, as is its training file, in the order of a commit.
create or replace function public.latest_training_file_attempt(p_revision_id uuid)
returns public.training_file_revisions language plpgsql set search_path = '' as $$
declare
  attempt public.training_file_revisions;
begin
  perform from public.training_files f
  join public.training_file_revisions r on r.training_file_id = f.id
  where r.id = p_revision_id
  for update of f;
  select * into attempt from public.training_file_revisions r where r.id = p_revision_id for update;
  while attempt.error ? 'continued_as' loop
    select * into attempt from public.training_file_revisions r
    where r.id = (attempt.error ->> 'continued_as')::uuid for update;
  end loop;
  return attempt;
end
$$;

-- Ends one attempt of a build in the background and begins the next one, with the same wishes. A worker that goes on with
-- what it has prepared already is as far as it was; another one begins anew.
create or replace function public.continue_training_file_revision(
  p_revision_id   uuid,
  p_worker        uuid,
  p_next_id       uuid,
  p_lease_seconds integer,
  p_reason        text
) returns public.training_file_revisions language plpgsql set search_path = '' as $$
declare
  attempt public.training_file_revisions;
begin
  perform public.latest_training_file_attempt(p_revision_id); -- for its locks
  insert into public.training_file_revisions (
    id, training_file_id, number, requested, json_file_path, jsonl_file_path, created_by,
    background, asked_at, lease_owner, lease_expires_at, progress_done, progress_total)
  select p_next_id, r.training_file_id, f.revision + 1, r.requested,
    p_next_id || '/training.json', p_next_id || '/training.jsonl', r.created_by,
    true, r.asked_at, p_worker, now() + make_interval(secs => p_lease_seconds),
    case when r.lease_owner = p_worker then r.progress_done else 0 end, r.progress_total
  from public.training_file_revisions r join public.training_files f on f.id = r.training_file_id
  where r.id = p_revision_id and r.status = 'building'
  on conflict (id) do nothing
  returning * into attempt;

  update public.training_file_revisions r
  set status = 'failed', finished_at = now(),
      error = jsonb_build_object('message', p_reason, 'continued_as', p_next_id)
  where r.id = p_revision_id and r.status = 'building';
  delete from public.training_file_staged_conversations s where s.revision_id = p_revision_id;
  return attempt;
end
$$;

-- Renews a lease and says how far the build is. False when the lease is someone else's now.
create or replace function public.report_training_file_progress(
  p_revision_id   uuid,
  p_worker        uuid,
  p_done          integer,
  p_lease_seconds integer
) returns boolean language plpgsql set search_path = '' as $$
begin
  update public.training_file_revisions r
  set progress_done = greatest(r.progress_done, p_done),
      lease_expires_at = now() + make_interval(secs => p_lease_seconds)
  where r.id = p_revision_id and r.status = 'building' and r.lease_owner = p_worker;
  return found;
end
$$;

-- Gives a lease back, so that the build is taken up again at once, and says why the attempt broke off.
drop function if exists public.release_training_file_revision(uuid, uuid);
create or replace function public.release_training_file_revision(p_revision_id uuid, p_worker uuid, p_reason text)
returns void language sql set search_path = '' as $$
  update public.training_file_revisions r
  set lease_expires_at = now(), error = jsonb_build_object('message', p_reason)
  where r.id = p_revision_id and r.lease_owner = p_worker and r.status = 'building';
$$;

-- The end of a build in the background that cannot succeed, said by the worker whose build it is; of any other it is
-- not believed. A training file that never had a revision is kept, as failed, so that its owner sees why and can have
-- it tried again; one that had stays as it was.
create or replace function public.fail_training_file_revision(p_revision_id uuid, p_worker uuid, p_error jsonb)
returns void language plpgsql set search_path = '' as $$
declare
  attempt public.training_file_revisions;
begin
  attempt := public.latest_training_file_attempt(p_revision_id);
  if attempt.status is distinct from 'building' or attempt.lease_owner is distinct from p_worker then
    return;
  end if;

  update public.training_file_revisions r
  set status = 'failed', error = p_error, lease_expires_at = null, finished_at = now()
  where r.id = attempt.id;
  delete from public.training_file_staged_conversations s where s.revision_id = attempt.id;
  update public.training_files f set status = 'failed'
  where f.id = attempt.training_file_id and f.revision = 0 and f.status = 'processing';
end
$$;

-- Takes the newest build in the background that failed and awaits it up again, as p_next_id, unless one lasts.
-- Outcomes: begun | not_found | archived | nothing_to_retry.
create or replace function public.retry_training_file_build(
  p_training_file_id uuid,
  p_owner            uuid,
  p_next_id          uuid
) returns jsonb language plpgsql set search_path = '' as $$
declare
  file   public.training_files;
  failed public.training_file_revisions;
begin
  select * into file from public.training_files f
  where f.id = p_training_file_id and (p_owner is null or f.created_by = p_owner) for update;
  if not found then
    return jsonb_build_object('outcome', 'not_found');
  elsif file.status = 'archived' then
    return jsonb_build_object('outcome', 'archived');
  end if;

  if exists (select from public.training_file_revisions r where r.id = p_next_id) then
    return jsonb_build_object('outcome', 'begun', 'training_file', to_jsonb(file));
  end if;
  select * into failed from public.training_file_revisions r
  where r.training_file_id = file.id and r.awaits_retry and not exists (
    select from public.training_file_revisions other
    where other.training_file_id = file.id and other.background and other.status = 'building')
  order by r.created_at desc, r.id desc limit 1;
  if not found then
    return jsonb_build_object('outcome', 'nothing_to_retry');
  end if;

  update public.training_file_revisions r
  set error = r.error || jsonb_build_object('retried_as', p_next_id) where r.id = failed.id;
  insert into public.training_file_revisions (
    id, training_file_id, number, requested, json_file_path, jsonl_file_path, created_by, background, asked_at,
    progress_total)
  values (p_next_id, file.id, file.revision + 1, failed.requested,
          p_next_id || '/training.json', p_next_id || '/training.jsonl', failed.created_by, true, null,
          failed.progress_total);
  update public.training_files f set status = 'processing'
  where f.id = file.id and f.status = 'failed' returning f.* into file;
  return jsonb_build_object('outcome', 'begun', 'training_file', (
    select to_jsonb(f) from public.training_files f where f.id = p_training_file_id));
end
$$;

-- Removes a training file with all its rows. Returns the ids of its revisions, whose objects are to be
-- removed from the bucket, or null where the owner has no such training file.
create or replace function public.delete_training_file(p_training_file_id uuid, p_owner uuid)
returns jsonb language plpgsql set search_path = '' as $$
declare
  revision_ids jsonb;
begin
  perform from public.training_files f
  where f.id = p_training_file_id and (p_owner is null or f.created_by = p_owner)
  for update;
  if not found then
    return null;
  end if;

  select coalesce(jsonb_agg(r.id), '[]'::jsonb) into revision_ids
  from public.training_file_revisions r where r.training_file_id = p_training_file_id;
  delete from public.training_files f where f.id = p_training_file_id;
  return revision_ids;
end
$$;

do $$
declare
  signature text;
begin
  foreach signature in array array[
    'public.resolve_training_file_request(uuid, jsonb, boolean, uuid, text)',
    'public.begin_training_file_revision(uuid, uuid, uuid, jsonb, jsonb, boolean)',
    'public.commit_training_file_revision(uuid, integer, jsonb, jsonb)',
    'public.stage_training_file_conversations(uuid, jsonb)',
    'public.abandon_training_file_revision(uuid, jsonb)',
    'public.claim_training_file_revision(uuid, uuid, uuid, integer)',
    'public.latest_training_file_attempt(uuid)',
    'public.continue_training_file_revision(uuid, uuid, uuid, integer, text)',
    'public.report_training_file_progress(uuid, uuid, integer, integer)',
    'public.release_training_file_revision(uuid, uuid, text)',
    'public.fail_training_file_revision(uuid, uuid, jsonb)',
    'public.retry_training_file_build(uuid, uuid, uuid)',
    'public.delete_training_file(uuid, uuid)']
  loop
    execute format('revoke execute on function %s from public, anon, authenticated', signature);
    execute format('grant execute on function %s to service_role', signature);
  end loop;
end
$$;

-- PostgREST learns of new tables and functions at once.
notify pgrst, 'reload schema';
