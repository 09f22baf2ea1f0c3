-- Revisions: one row for each attempt to write a version of a training file, and the figures that wait for its commit.

create table if not exists public.training_file_revisions (
  id                 uuid primary key,
  training_file_id   uuid not null references public.training_files (id) on delete cascade,
  number             integer not null check (number > 0),
  status             text not null default 'building' check (status in ('building', 'committed', 'failed')),
  requested          jsonb not null default '{}',
  background         boolean not null default false,
  lease_owner        uuid,
  lease_expires_at   timestamptz,
  progress_done      integer not null default 0 check (progress_done >= 0),
  progress_total     integer not null default 0 check (progress_total >= 0),
  error              jsonb,
  json_file_path     text not null,
  jsonl_file_path    text not null,
  json_file_size     bigint check (json_file_size >= 0),
  jsonl_file_size    bigint check (jsonl_file_size >= 0),
  json_body_offset   bigint check (json_body_offset >= 0),
  totals             jsonb,
  created_by         uuid not null references auth.users (id) on delete cascade,
  created_at         timestamptz not null default now(),
  finished_at        timestamptz,
  published_at       timestamptz,
  constraint training_file_revisions_own_folder check (
    json_file_path = id || '/training.json' and jsonl_file_path = id || '/training.jsonl'),
  constraint training_file_revisions_complete check (
    status <> 'committed' or (json_file_size is not null and jsonl_file_size is not null
      and json_body_offset is not null and totals is not null and finished_at is not null))
);

-- Version 0.1.0 had no builds in the background.
alter table public.training_file_revisions
  add column if not exists background boolean not null default false,
  add column if not exists lease_owner uuid,
  add column if not exists lease_expires_at timestamptz;

-- What is shown of `requested`, which may name thousands of ids.
alter table public.training_file_revisions add column if not exists skipped jsonb
  generated always as (coalesce(requested -> 'skipped', '[]')) stored;

-- When a person asked for the revision; null where a collection rule did, or a retry.
alter table public.training_file_revisions add column if not exists asked_at timestamptz default now();

-- Whether it is a build in the background that failed and still concerns someone: it was neither taken up again nor
-- followed by something else that a person asked for, and it had something to do.
alter table public.training_file_revisions add column if not exists awaits_retry boolean not null
  generated always as (
    background and status = 'failed'
    and not coalesce(error ?| array['continued_as', 'retried_as', 'settled_by'], false)
    and coalesce(error ->> 'code', '') not in ('nothing_to_add', 'not_queued')) stored;

-- Attempts that lost a race keep the number they were meant for; a committed number exists once.
create unique index if not exists training_file_revisions_committed_once_idx
  on public.training_file_revisions (training_file_id, number) where status = 'committed';
create index if not exists training_file_revisions_newest_first_idx
  on public.training_file_revisions (training_file_id, created_at desc, id desc);
create index if not exists training_file_revisions_created_by_idx
  on public.training_file_revisions (created_by);

-- Housekeeping has removed its objects.
alter table public.training_file_revisions add column if not exists objects_removed_at timestamptz;

-- Housekeeping has given the revision up: its objects are removed now or by a later run, and nothing is begun from it any
-- more. What has lost its objects was given up.
alter table public.training_file_revisions add column if not exists pruned_at timestamptz;

update public.training_file_revisions r set pruned_at = r.objects_removed_at
where r.status = 'committed' and r.objects_removed_at is not null and r.pruned_at is null;

create index if not exists training_file_revisions_building_idx
  on public.training_file_revisions (created_at) where status = 'building';
create index if not exists training_file_revisions_with_objects_idx
  on public.training_file_revisions (finished_at) where objects_removed_at is null;

-- What text health found in the conversations that the revision added.
alter table public.training_file_revisions add column if not exists warnings jsonb
  check (jsonb_typeof(warnings) = 'object');

-- What makes it of the one before: {kind, count, selection?}. The kind is create, add, remove, refresh or revert; the count
-- is that of the conversations that were asked for, and from the commit on of those that are another way since; the
-- selection is what was asked for beside ids.
alter table public.training_file_revisions add column if not exists change jsonb check (jsonb_typeof(change) = 'object');

-- How many conversations were skipped; `skipped` names the first. Null where it names all.
alter table public.training_file_revisions add column if not exists skipped_total integer check (skipped_total >= 0);

-- The figures of conversations whose revision is too large to be committed in one call, until it is committed.
create table if not exists public.training_file_staged_conversations (
  revision_id uuid not null references public.training_file_revisions (id) on delete cascade,
  position    integer not null check (position > 0),
  figures     jsonb not null,
  primary key (revision_id, position)
);

-- Tries of shards, where a build is beyond one worker: one row for each, from before its first object on. The objects are
-- named after the path: .json, .jsonl and .analyses.jsonl. The result is there when the try is finished; the message says
-- why it broke off.
create table if not exists public.training_file_shard_tries (
  id          uuid primary key,
  revision_id uuid not null references public.training_file_revisions (id) on delete cascade,
  shard       integer not null check (shard > 0),
  path        text not null,
  begun_at    timestamptz not null default now(),
  finished_at timestamptz,
  result      jsonb,
  message     text
);

create index if not exists training_file_shard_tries_of_revision_idx
  on public.training_file_shard_tries (revision_id, shard);
create index if not exists training_file_shard_tries_of_path_idx on public.training_file_shard_tries (path);

-- What a try has made: members, as they are in training_file_conversations, so that the commit only has to copy them.
create table if not exists public.training_file_sharded_conversations (
  try_id             uuid not null references public.training_file_shard_tries (id) on delete cascade,
  position           integer not null check (position > 0),
  conversation_id    uuid not null,
  training_pairs     integer not null,
  trainable_pairs    integer not null,
  score_sum          numeric not null,
  score_count        integer not null,
  min_quality_score  numeric,
  max_quality_score  numeric,
  reviewed_pairs     integer not null,
  persona_key        text,
  emotional_arc_key  text,
  training_topic_key text,
  enriched_sha256    text not null,
  analysis           jsonb,
  json_size          bigint,
  jsonl_size         bigint,
  primary key (try_id, position)
);

alter table public.training_file_revisions enable row level security;
alter table public.training_file_staged_conversations enable row level security;
alter table public.training_file_shard_tries enable row level security;
alter table public.training_file_sharded_conversations enable row level security;

revoke all on public.training_file_revisions, public.training_file_staged_conversations,
  public.training_file_shard_tries, public.training_file_sharded_conversations from anon, authenticated;
grant select on public.training_file_revisions to authenticated;
grant select, insert, update, delete
  on public.training_file_revisions, public.training_file_staged_conversations,
  public.training_file_shard_tries, public.training_file_sharded_conversations to service_role;

drop policy if exists "Owners read their revisions" on public.training_file_revisions;
create policy "Owners read their revisions" on public.training_file_revisions
  for select to authenticated using (exists (
    select from public.training_files f
    where f.id = training_file_id and f.created_by = (select auth.uid())));
