-- What consumers are told: written in the transaction that it tells of, announced afterwards, at least once.

create table if not exists public.training_file_events (
  id               uuid primary key default gen_random_uuid(),
  sequence         bigint generated always as identity,
  training_file_id uuid not null,
  type             text not null check (type in ('Training File Created', 'Training File Updated',
                     'Training File Build Failed', 'Training File Deleted')),
  detail           jsonb not null,
  created_at       timestamptz not null default now(),
  published_at     timestamptz
);

-- A training file's row is locked until the transaction ends, so a file's events have the order of its commits.
create index if not exists training_file_events_unpublished_idx
  on public.training_file_events (sequence) where published_at is null;
create index if not exists training_file_events_published_idx
  on public.training_file_events (published_at) where published_at is not null;
create index if not exists training_file_events_of_a_file_idx
  on public.training_file_events (training_file_id, sequence);

alter table public.training_file_events enable row level security;
revoke all on public.training_file_events from anon, authenticated;
grant select, insert, update, delete on public.training_file_events to service_role;

create or replace function public.training_file_event_detail(file public.training_files)
returns jsonb language sql immutable set search_path = '' as $$
  select jsonb_build_object(
    'training_file_id', file.id,
    'name', file.name,
    'created_by', file.created_by,
    'revision', file.revision,
    'conversation_count', file.conversation_count,
    'total_training_pairs', file.total_training_pairs,
    'trainable_pairs', file.trainable_pairs,
    'storage_bucket', file.storage_bucket,
    'json_file_path', file.json_file_path,
    'jsonl_file_path', file.jsonl_file_path)
$$;

-- `make verify` makes a user for the time of its checks, of a domain that cannot exist; nobody is told of what it does.
create or replace function public.tell_of_training_file_revision() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  if exists (select from auth.users u where u.id = new.created_by and u.email like 'verify-%@training-files.invalid') then
    return null;
  end if;
  insert into public.training_file_events (training_file_id, type, detail)
  values (new.id, case when old.revision = 0 then 'Training File Created' else 'Training File Updated' end,
          public.training_file_event_detail(new) || jsonb_build_object('change', (
            -- A selection may have more keys than an event has room for.
            select r.change - 'selection' from public.training_file_revisions r
            where r.training_file_id = new.id and r.status = 'committed' and r.number = new.revision)));
  return null;
end
$$;

create or replace trigger training_files_tell_of_revision after update of revision on public.training_files
  for each row when (new.revision <> old.revision)
  execute function public.tell_of_training_file_revision();

create or replace function public.tell_of_training_file_removal() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  -- A file without a revision was never announced, unless its build failed.
  if exists (select from auth.users u where u.id = old.created_by and u.email like 'verify-%@training-files.invalid') then
    return null;
  elsif old.revision > 0 or exists (select from public.training_file_events e where e.training_file_id = old.id) then
    insert into public.training_file_events (training_file_id, type, detail)
    values (old.id, 'Training File Deleted', public.training_file_event_detail(old));
  end if;
  return null;
end
$$;

create or replace trigger training_files_tell_of_removal after delete on public.training_files
  for each row
  execute function public.tell_of_training_file_removal();

create or replace function public.tell_of_training_file_failure() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  insert into public.training_file_events (training_file_id, type, detail)
  select f.id, 'Training File Build Failed', public.training_file_event_detail(f) || jsonb_build_object(
    'revision_id', new.id,
    'build_error', new.error ->> 'message',
    -- A conversation may have several faults.
    'failed_conversation_count', coalesce((new.error ->> 'failed_total')::integer, (
      select count(distinct fault ->> 'conversation_id')
      from jsonb_array_elements(new.error -> 'failed_conversations') as fault)))
  from public.training_files f
  where f.id = new.training_file_id
    and not exists (select from auth.users u where u.id = f.created_by and u.email like 'verify-%@training-files.invalid');
  return null;
end
$$;

create or replace trigger training_file_revisions_tell_of_failure after update of status
  on public.training_file_revisions
  for each row when (new.background and old.status = 'building' and new.status = 'failed'
    and not coalesce(new.error ? 'continued_as', false)
    and coalesce(new.error ->> 'code', '') not in ('nothing_to_add', 'not_queued'))
  execute function public.tell_of_training_file_failure();

-- Events that the bus has taken.
create or replace function public.mark_training_file_events_published(p_event_ids jsonb)
returns void language plpgsql set search_path = '' as $$
declare
  published uuid[] := array(select jsonb_array_elements_text(p_event_ids)::uuid);
begin
  update public.training_file_events e set published_at = now() where e.id = any (published);
  update public.training_file_revisions r set published_at = now()
  from public.training_file_events e
  where e.id = any (published) and r.training_file_id = e.training_file_id and r.status = 'committed'
    and e.type in ('Training File Created', 'Training File Updated')
    and r.number = (e.detail ->> 'revision')::integer;
end
$$;

-- Forgets at most p_limit events that were published more than 30 days ago, the oldest first. Returns how many.
create or replace function public.prune_training_file_events(p_limit integer)
returns integer language plpgsql set search_path = '' as $$
declare
  forgotten integer;
begin
  delete from public.training_file_events e
  where e.id in (
    select old.id from public.training_file_events old
    where old.published_at < now() - interval '30 days'
    order by old.published_at limit p_limit);
  get diagnostics forgotten = row_count;
  return forgotten;
end
$$;
