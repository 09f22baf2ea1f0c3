-- Builds in the background: claimed under a lease, continued, staged, given back, and ended as failed. Every function is safe to
-- call again with the same arguments.

-- Who builds a revision in the background, for how long. A lease that nobody renews expires, and so does the revision:
-- whoever comes next builds under p_next_id, in a folder of its own, because the one before may still be writing.
-- A worker of before there were rows of what was asked for asks for all ids; those after it read them in parts.
-- One of more than p_sharded_above conversations is claimed for all its workers at once: their lease is the build's own, by
-- the id of the attempt that it began with, which is the `build_id` of the answer.
-- Outcomes: claimed (the revision is the one to build) | leased (someone is at it) | finished | gone.
drop function if exists public.claim_training_file_revision(uuid, uuid, uuid, integer);
drop function if exists public.claim_training_file_revision(uuid, uuid, uuid, integer, boolean);
create or replace function public.claim_training_file_revision(
  p_revision_id   uuid,
  p_worker        uuid,
  p_next_id       uuid,
  p_lease_seconds integer,
  p_with_ids      boolean default true,
  p_sharded_above integer default null
) returns jsonb language plpgsql set search_path = '' set statement_timeout = '60s' as $$
declare
  build   uuid;
  attempt public.training_file_revisions;
  file    public.training_files;
  base    public.training_file_revisions;
begin
  attempt := public.latest_training_file_attempt(p_revision_id);
  if attempt.id is null then
    return jsonb_build_object('outcome', 'gone');
  elsif attempt.status <> 'building' then
    return jsonb_build_object('outcome', 'finished', 'is_committed', attempt.status = 'committed');
  end if;
  if attempt.progress_total > p_sharded_above then
    -- A worker of before there were shards may have begun it, under an id of its own.
    build := case
      when attempt.lease_owner is null then attempt.id
      when exists (select from public.training_file_revisions r where r.id = attempt.lease_owner) then attempt.lease_owner
      else p_next_id end;
    p_worker := build;
  end if;
  if attempt.lease_owner <> p_worker and attempt.lease_expires_at > now() then
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
    'outcome', 'claimed', 'build_id', build, 'revision', to_jsonb(attempt) - 'requested',
    'requested', attempt.requested || case when p_with_ids then jsonb_build_object('conversation_ids', (
      select coalesce(jsonb_agg(asked.id order by q.part, asked.place), '[]')
      from public.training_file_requested_parts q
      cross join lateral unnest(q.conversation_ids) with ordinality as asked (id, place)
      where q.revision_id = attempt.id)) else '{}' end,
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

-- Ends one attempt of a build in the background and begins the next one, of the same request. A worker that goes on with
-- what it has prepared already is as far as it was; another one begins anew.
create or replace function public.continue_training_file_revision(
  p_revision_id   uuid,
  p_worker        uuid,
  p_next_id       uuid,
  p_lease_seconds integer,
  p_reason        text
) returns public.training_file_revisions language plpgsql set search_path = '' set statement_timeout = '60s' as $$
declare
  attempt public.training_file_revisions;
begin
  perform public.latest_training_file_attempt(p_revision_id); -- for its locks
  insert into public.training_file_revisions (
    id, training_file_id, number, requested, json_file_path, jsonl_file_path, created_by,
    background, asked_at, lease_owner, lease_expires_at, progress_done, progress_total, skipped_total, change)
  select p_next_id, r.training_file_id, f.revision + 1, r.requested,
    p_next_id || '/training.json', p_next_id || '/training.jsonl', r.created_by,
    true, r.asked_at, p_worker, now() + make_interval(secs => p_lease_seconds),
    case when r.lease_owner = p_worker then r.progress_done else 0 end, r.progress_total,
    r.skipped_total, r.change
  from public.training_file_revisions r join public.training_files f on f.id = r.training_file_id
  where r.id = p_revision_id and r.status = 'building'
  on conflict (id) do nothing
  returning * into attempt;

  update public.training_file_requested_parts q set revision_id = attempt.id
  where q.revision_id = p_revision_id and attempt.id is not null;
  update public.training_file_shard_tries t set revision_id = attempt.id
  where t.revision_id = p_revision_id and attempt.id is not null;
  update public.training_file_revisions r
  set status = 'failed', finished_at = now(), error = jsonb_build_object('message', p_reason, 'continued_as', p_next_id)
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

-- Gives a lease back, so that the build can be taken up again at once. The setback says why the attempt broke off, and
-- when the next one is: {message, attempt, next_try_at}.
drop function if exists public.release_training_file_revision(uuid, uuid);
drop function if exists public.release_training_file_revision(uuid, uuid, text);
create or replace function public.release_training_file_revision(p_revision_id uuid, p_worker uuid, p_setback jsonb)
returns void language sql set search_path = '' as $$
  update public.training_file_revisions r
  set lease_expires_at = now(), error = p_setback
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
) returns jsonb language plpgsql set search_path = '' set statement_timeout = '25s' as $$
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

  insert into public.training_file_revisions (
    id, training_file_id, number, requested, json_file_path, jsonl_file_path, created_by, background, asked_at,
    progress_total, skipped_total, change)
  values (p_next_id, file.id, file.revision + 1, failed.requested,
          p_next_id || '/training.json', p_next_id || '/training.jsonl', failed.created_by, true, null,
          failed.progress_total, failed.skipped_total, failed.change);
  update public.training_file_requested_parts q set revision_id = p_next_id where q.revision_id = failed.id;
  update public.training_file_revisions r set error = r.error || jsonb_build_object('retried_as', p_next_id)
  where r.id = failed.id;
  update public.training_files f set status = 'processing'
  where f.id = file.id and f.status = 'failed' returning f.* into file;
  return jsonb_build_object('outcome', 'begun', 'training_file', (
    select to_jsonb(f) from public.training_files f where f.id = p_training_file_id));
end
$$;
