-- Members: the conversations that a training file has, each with its own figures and its analysis.

create table if not exists public.training_file_conversations (
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

create index if not exists training_file_conversations_conversation_idx
  on public.training_file_conversations (conversation_id);

-- Null where a conversation was added before there was an analysis.
alter table public.training_file_conversations add column if not exists analysis jsonb
  check (jsonb_typeof(analysis) = 'object');

alter table public.training_file_conversations enable row level security;

revoke all on public.training_file_conversations from anon, authenticated;
grant select on public.training_file_conversations to authenticated;
grant select, insert, update, delete on public.training_file_conversations to service_role;

drop policy if exists "Owners read what is in their training files" on public.training_file_conversations;
create policy "Owners read what is in their training files" on public.training_file_conversations
  for select to authenticated using (exists (
    select from public.training_files f
    where f.id = training_file_id and f.created_by = (select auth.uid())));
