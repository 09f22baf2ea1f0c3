-- Members: the conversations that a training file has or had, each with its own figures and its analysis. A conversation
-- is in a training file from added_in_revision until before removed_in_revision; null: it still is.

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
  enriched_sha256    text not null check (enriched_sha256 ~ '^[0-9a-f]{64}$')
);

create index if not exists training_file_conversations_conversation_idx
  on public.training_file_conversations (conversation_id);

-- Null where a conversation was added before there was an analysis.
alter table public.training_file_conversations add column if not exists analysis jsonb
  check (jsonb_typeof(analysis) = 'object');

-- Version 0.1.0 had no history. The sizes are bytes of a conversation in the JSON, without separators, and in the JSONL;
-- null where it was added before they were kept, until the first change that needs them.
alter table public.training_file_conversations
  add column if not exists removed_in_revision integer check (removed_in_revision > added_in_revision),
  add column if not exists json_size bigint check (json_size > 0),
  add column if not exists jsonl_size bigint check (jsonl_size >= 0);

-- Where a conversation was is its place for ever: what is put in its stead has the same position, in a row of its own, and
-- nothing else ever gets it. So the positions of a revision are ascending, and have gaps where something was removed.
-- Until there was a history, the key was the conversation alone, and no position came twice.
do $$
begin
  if not exists (
    select from pg_constraint c where c.conrelid = 'public.training_file_conversations'::regclass and c.contype = 'p'
      and array_length(c.conkey, 1) = 3)
  then
    alter table public.training_file_conversations drop constraint if exists training_file_conversations_pkey;
    alter table public.training_file_conversations add primary key (training_file_id, position, added_in_revision);
  end if;
end
$$;
alter table public.training_file_conversations drop constraint if exists training_file_conversations_one_per_position;
create unique index if not exists training_file_conversations_once_at_a_time_idx
  on public.training_file_conversations (training_file_id, conversation_id) where removed_in_revision is null;

-- Revisions of before there was a history created a training file or added to it.
update public.training_file_revisions r
set change = jsonb_build_object(
  'kind', case when r.number = 1 then 'create' else 'add' end,
  'count', case when r.status = 'committed' then coalesce(added.count, 0) end)
from public.training_file_revisions same
left join (
  select m.training_file_id, m.added_in_revision, count(*) from public.training_file_conversations m group by 1, 2
) as added on added.training_file_id = same.training_file_id and added.added_in_revision = same.number
where same.id = r.id and r.change is null;

alter table public.training_file_conversations enable row level security;

revoke all on public.training_file_conversations from anon, authenticated;
grant select on public.training_file_conversations to authenticated;
grant select, insert, update, delete on public.training_file_conversations to service_role;

drop policy if exists "Owners read what is in their training files" on public.training_file_conversations;
create policy "Owners read what is in their training files" on public.training_file_conversations
  for select to authenticated using (exists (
    select from public.training_files f
    where f.id = training_file_id and f.created_by = (select auth.uid())));
