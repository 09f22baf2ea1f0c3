-- The tables of version 0.1.0, and a function whose signature has changed since then. They stay as they are here: projects
-- have them.

create table public.training_files (
  id                       uuid primary key default gen_random_uuid(),
  name                     text not null check (char_length(name) between 1 and 255),
  description              text,
  json_file_path           text,
  jsonl_file_path          text,
  storage_bucket           text not null default 'training-files',
  target_model             text,
  vertical                 text,
  conversation_count       integer not null default 0 check (conversation_count >= 0),
  total_training_pairs     integer not null default 0 check (total_training_pairs >= 0),
  trainable_pairs          integer not null default 0
                             check (trainable_pairs between 0 and total_training_pairs),
  json_file_size           bigint not null default 0 check (json_file_size >= 0),
  jsonl_file_size          bigint not null default 0 check (jsonl_file_size >= 0),
  avg_quality_score        numeric check (avg_quality_score between 0 and 5),
  min_quality_score        numeric check (min_quality_score between 0 and 5),
  max_quality_score        numeric check (max_quality_score between 0 and 5),
  human_reviewed_count     integer not null default 0
                             check (human_reviewed_count between 0 and total_training_pairs),
  scaffolding_distribution jsonb not null
                             default '{"personas": {}, "emotional_arcs": {}, "training_topics": {}}',
  status                   text not null default 'processing'
                             check (status in ('active', 'archived', 'processing', 'failed')),
  revision                 integer not null default 0 check (revision >= 0),
  last_updated_at          timestamptz not null default now(),
  created_by               uuid not null references auth.users (id) on delete cascade,
  created_at               timestamptz not null default now(),
  updated_at               timestamptz not null default now(),
  constraint training_files_name_per_owner unique (created_by, name),
  constraint training_files_readable check (
    status in ('processing', 'failed')
    or (revision > 0 and json_file_path is not null and jsonl_file_path is not null))
);

create index training_files_newest_first_idx
  on public.training_files (created_by, created_at desc, id desc);

create table public.training_file_revisions (
  id                 uuid primary key,
  training_file_id   uuid not null references public.training_files (id) on delete cascade,
  number             integer not null check (number > 0),
  status             text not null default 'building' check (status in ('building', 'committed', 'failed')),
  requested          jsonb not null default '{}',
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

create unique index training_file_revisions_committed_once_idx
  on public.training_file_revisions (training_file_id, number) where status = 'committed';
create index training_file_revisions_newest_first_idx
  on public.training_file_revisions (training_file_id, created_at desc, id desc);
create index training_file_revisions_created_by_idx
  on public.training_file_revisions (created_by);

create table public.training_file_conversations (
  training_file_id   uuid not null references public.training_files (id) on delete cascade,
  conversation_id    uuid not null,
  position           integer not null check (position > 0),
  added_at           timestamptz not null default now(),
  added_by           uuid not null,
  added_in_revision  integer not null check (added_in_revision > 0),
  training_pairs     integer not null check (training_pairs > 0),
  trainable_pairs    integer not null check (trainable_pairs between 0 and training_pairs),
  score_sum          numeric not null default 0,
  score_count        integer not null default 0 check (score_count between 0 and training_pairs),
  min_quality_score  numeric,
  max_quality_score  numeric,
  reviewed_pairs     integer not null default 0 check (reviewed_pairs between 0 and training_pairs),
  persona_key        text,
  emotional_arc_key  text,
  training_topic_key text,
  enriched_sha256    text not null check (enriched_sha256 ~ '^[0-9a-f]{64}$'),
  primary key (training_file_id, conversation_id),
  constraint training_file_conversations_one_per_position unique (training_file_id, position)
);

create index training_file_conversations_conversation_idx
  on public.training_file_conversations (conversation_id);

alter table public.training_files enable row level security;
alter table public.training_file_revisions enable row level security;
alter table public.training_file_conversations enable row level security;

create function public.begin_training_file_revision(
  p_revision_id      uuid,
  p_training_file_id uuid,
  p_owner            uuid,
  p_requested        jsonb,
  p_new_file         jsonb default null
) returns jsonb language sql set search_path = '' as $$ select '{"outcome": "not_found"}'::jsonb $$;
