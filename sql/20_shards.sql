-- Builds beyond one worker, in shards: of 1,000 positions of what was asked for (CONVERSATIONS_OF_A_SHARD in
-- ports/shards.py). A build is named by any of its attempts; meant is the one that lasts. Every function is safe to call
-- again with the same arguments, and none locks the training file: many are called at once.

-- The attempt of a build that lasts, or the last one.
create or replace function public.lasting_training_file_attempt(p_build_id uuid)
returns public.training_file_revisions language plpgsql stable set search_path = '' as $$
declare
  attempt public.training_file_revisions;
begin
  select * into attempt from public.training_file_revisions r where r.id = p_build_id;
  while attempt.error ? 'continued_as' loop
    select * into attempt from public.training_file_revisions r where r.id = (attempt.error ->> 'continued_as')::uuid;
  end loop;
  return attempt;
end
$$;

-- Renews the lease of the attempt that lasts, which is locked then; null where it has ended or is not this worker's. An
-- attempt may end between a look at it and its lock: then the next one is looked at.
create or replace function public.renew_sharded_training_file_build(
  p_build_id      uuid,
  p_worker        uuid,
  p_lease_seconds integer
) returns public.training_file_revisions language plpgsql set search_path = '' as $$
declare
  attempt public.training_file_revisions;
  next    uuid := p_build_id;
begin
  while next is not null loop
    update public.training_file_revisions r set lease_expires_at = now() + make_interval(secs => p_lease_seconds)
    where r.id = next and r.status = 'building' and r.lease_owner = p_worker
    returning * into attempt;
    exit when found;
    next := (select (r.error ->> 'continued_as')::uuid from public.training_file_revisions r where r.id = next);
  end loop;
  return attempt;
end
$$;

-- A try of a shard, with all that its worker needs to know; for a refresh also which enriched files the training file has
-- by now. Outcomes: begun | gone.
create or replace function public.begin_training_file_shard(
  p_build_id      uuid,
  p_worker        uuid,
  p_lease_seconds integer,
  p_shard         integer,
  p_try_id        uuid,
  p_path          text
) returns jsonb language plpgsql set search_path = '' as $$
declare
  attempt public.training_file_revisions;
  file    public.training_files;
  base    public.training_file_revisions;
begin
  attempt := public.renew_sharded_training_file_build(p_build_id, p_worker, p_lease_seconds);
  if attempt.id is null then
    return jsonb_build_object('outcome', 'gone');
  end if;

  insert into public.training_file_shard_tries (id, revision_id, shard, path)
  values (p_try_id, attempt.id, p_shard, p_path)
  on conflict (id) do nothing;
  select * into file from public.training_files f where f.id = attempt.training_file_id;
  select * into base from public.training_file_revisions r
  where r.training_file_id = file.id and r.status = 'committed' and r.number = file.revision;
  return jsonb_build_object(
    'outcome', 'begun', 'revision', to_jsonb(attempt) - 'requested', 'requested', attempt.requested,
    'training_file', to_jsonb(file),
    'base', case when base.id is not null then to_jsonb(base) - 'requested' end,
    'asked', public.list_requested_conversations(attempt.id, 1000, (p_shard - 1) * 1000),
    'in_file', (
      select coalesce(jsonb_object_agg(m.conversation_id, m.enriched_sha256), '{}')
      from public.training_file_requested_parts q
      join public.training_file_conversations m on m.conversation_id = any (q.conversation_ids)
      where attempt.requested ->> 'change' = 'refresh' and q.revision_id = attempt.id and q.part = p_shard
        and m.training_file_id = file.id and m.removed_in_revision is null));
end
$$;

-- Lays rows of members aside for a try; nothing happens when it is gone.
create or replace function public.stage_training_file_shard(p_try_id uuid, p_rows jsonb)
returns void language plpgsql set search_path = '' as $$
begin
  perform from public.training_file_shard_tries t where t.id = p_try_id for key share;
  if not found then
    return;
  end if;

  insert into public.training_file_sharded_conversations (
    try_id, position, conversation_id, training_pairs, trainable_pairs, score_sum, score_count, min_quality_score,
    max_quality_score, reviewed_pairs, persona_key, emotional_arc_key, training_topic_key, enriched_sha256, analysis,
    json_size, jsonl_size)
  select p_try_id, c.position, c.conversation_id, c.training_pairs, c.trainable_pairs, c.score_sum, c.score_count,
    c.min_quality_score, c.max_quality_score, c.reviewed_pairs, c.persona_key, c.emotional_arc_key, c.training_topic_key,
    c.enriched_sha256, c.analysis, c.json_size, coalesce(c.jsonl_size, (c.analysis ->> 'jsonl_size')::bigint)
  from jsonb_to_recordset(p_rows) as c (
    conversation_id uuid, position integer, training_pairs integer, trainable_pairs integer,
    score_sum numeric, score_count integer, min_quality_score numeric, max_quality_score numeric,
    reviewed_pairs integer, persona_key text, emotional_arc_key text, training_topic_key text,
    enriched_sha256 text, analysis jsonb, json_size bigint, jsonl_size bigint)
  on conflict (try_id, position) do nothing;
end
$$;

-- Ends a try, and counts the positions of all shards that have one that ended. False where the build is gone.
create or replace function public.finish_training_file_shard(
  p_try_id        uuid,
  p_worker        uuid,
  p_lease_seconds integer,
  p_result        jsonb
) returns boolean language plpgsql set search_path = '' as $$
declare
  size    constant integer := 1000;
  attempt public.training_file_revisions;
begin
  attempt := public.renew_sharded_training_file_build(
    (select t.revision_id from public.training_file_shard_tries t where t.id = p_try_id), p_worker, p_lease_seconds);
  if attempt.id is null then
    return false;
  end if;

  update public.training_file_shard_tries t set result = p_result, finished_at = coalesce(t.finished_at, now())
  where t.id = p_try_id;
  update public.training_file_revisions r
  set progress_done = (
    select coalesce(sum(least(size, r.progress_total - (done.shard - 1) * size)), 0)
    from (
      select distinct t.shard from public.training_file_shard_tries t
      where t.revision_id = attempt.id and t.finished_at is not null) as done)
  where r.id = attempt.id;
  return true;
end
$$;

-- The last finished try of each shard of an attempt.
create or replace function public.finished_training_file_shards(p_revision_id uuid)
returns setof public.training_file_shard_tries language sql stable set search_path = '' as $$
  select distinct on (t.shard) t.* from public.training_file_shard_tries t
  where t.revision_id = p_revision_id and t.finished_at is not null
  order by t.shard, t.finished_at desc, t.id desc;
$$;

-- The shards that have to be done: those without a finished try, and those whose last one is out of date, as it has a
-- conversation that is in the training file by now; for a refresh one that is not, or with the same enriched file. Null
-- where the build is gone. What is taken out or gone back to has no shards.
create or replace function public.list_training_file_shards_to_do(
  p_build_id      uuid,
  p_worker        uuid,
  p_lease_seconds integer
) returns jsonb language plpgsql
  set search_path = '' set statement_timeout = '60s' set enable_nestloop = off as $$
declare
  size    constant integer := 1000;
  attempt public.training_file_revisions;
  last    uuid[];
  stale   uuid[];
begin
  attempt := public.renew_sharded_training_file_build(p_build_id, p_worker, p_lease_seconds);
  if attempt.id is null then
    return null;
  elsif attempt.requested ->> 'change' in ('remove', 'revert') then
    return '[]';
  end if;

  last := array(select done.id from public.finished_training_file_shards(attempt.id) as done);
  if attempt.requested ->> 'change' = 'refresh' then
    stale := array(
      select distinct c.try_id from public.training_file_sharded_conversations c
      left join public.training_file_conversations m
        on m.training_file_id = attempt.training_file_id and m.removed_in_revision is null
        and m.conversation_id = c.conversation_id
      where c.try_id = any (last) and (m.conversation_id is null or m.enriched_sha256 = c.enriched_sha256));
  else
    stale := array(
      select distinct c.try_id from public.training_file_sharded_conversations c
      join public.training_file_conversations m
        on m.training_file_id = attempt.training_file_id and m.removed_in_revision is null
        and m.conversation_id = c.conversation_id
      where c.try_id = any (last));
  end if;
  return (
    select coalesce(jsonb_agg(wanted.shard order by wanted.shard), '[]')
    from generate_series(1, (attempt.progress_total + size - 1) / size) as wanted (shard)
    where wanted.shard not in (
      select t.shard from public.training_file_shard_tries t where t.id = any (last) and t.id <> all (stale)));
end
$$;

-- Shards without a finished try of which one broke off, at most p_limit, with the last reason that one gave. A shard with
-- one try that has said nothing may still be at work.
create or replace function public.list_failed_training_file_shards(p_build_id uuid, p_limit integer)
returns jsonb language sql stable set search_path = '' as $$
  select coalesce(jsonb_agg(to_jsonb(failed) order by failed.shard), '[]') from (
    select t.shard, count(*) as tries, (
      array_agg(t.message order by t.begun_at desc, t.id desc) filter (where t.message is not null))[1] as message
    from public.training_file_shard_tries t
    where t.revision_id = (public.lasting_training_file_attempt(p_build_id)).id
    group by t.shard having count(t.finished_at) = 0 and (count(*) > 1 or count(t.message) > 0)
    order by t.shard limit p_limit) as failed;
$$;

-- Up to p_limit shards behind one, each with its last finished try.
create or replace function public.list_finished_training_file_shards(p_build_id uuid, p_limit integer, p_after_shard integer)
returns jsonb language sql stable set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_object('shard', t.shard, 'try_id', t.id, 'result', t.result) order by t.shard), '[]')
  from (
    select done.* from public.finished_training_file_shards((public.lasting_training_file_attempt(p_build_id)).id) as done
    where done.shard > p_after_shard order by done.shard limit p_limit) as t;
$$;
