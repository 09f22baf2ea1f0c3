-- Training files: their table, and what their owners may see and edit.
-- Users read their own rows. Only the service writes, but for the three columns that a user may edit.

create table if not exists public.training_files (
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

create index if not exists training_files_newest_first_idx
  on public.training_files (created_by, created_at desc, id desc);

-- The collection rule, by which a training file takes conversations by itself.
alter table public.training_files add column if not exists collect jsonb
  check (collect is null or jsonb_typeof(collect) = 'object');

create index if not exists training_files_collecting_idx
  on public.training_files (created_by) where collect is not null;

alter table public.training_files enable row level security;

-- New Supabase projects grant nothing by themselves and old ones grant everything: say it all.
revoke all on public.training_files from anon, authenticated;
grant select on public.training_files to authenticated;
grant update (name, description, status) on public.training_files to authenticated;
grant select, insert, update, delete on public.training_files to service_role;

drop policy if exists "Owners read their training files" on public.training_files;
create policy "Owners read their training files" on public.training_files
  for select to authenticated using (created_by = (select auth.uid()));

drop policy if exists "Owners edit their finished training files" on public.training_files;
create policy "Owners edit their finished training files" on public.training_files
  for update to authenticated
  using (created_by = (select auth.uid()) and status in ('active', 'archived'))
  with check (created_by = (select auth.uid()) and status in ('active', 'archived'));

create or replace function public.touch_training_file() returns trigger
  language plpgsql set search_path = '' as $$
begin
  new.updated_at := now();
  return new;
end
$$;

-- What users may write themselves is held to what the API takes. Only what changes is looked at: rows from before stay as
-- they are.
create or replace function public.check_training_file_texts() returns trigger
  language plpgsql set search_path = '' as $$
begin
  if tg_op = 'INSERT' or new.name is distinct from old.name then
    if new.name ~ '[\u0001-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]'
        or char_length(new.name) not between 1 and 255 then
      raise exception 'a name has 1 to 255 characters, and no control characters' using errcode = 'check_violation';
    end if;
    new.name := regexp_replace(normalize(new.name, NFC), '^\s+|\s+$', '', 'g');
    if new.name = '' then
      raise exception 'a name is not blank' using errcode = 'check_violation';
    end if;
  end if;
  if (tg_op = 'INSERT' or new.description is distinct from old.description)
      and char_length(new.description) > 10000 then
    raise exception 'a description has up to 10000 characters' using errcode = 'check_violation';
  end if;
  return new;
end
$$;

create or replace trigger training_files_check_texts before insert or update of name, description
  on public.training_files
  for each row execute function public.check_training_file_texts();

-- Each file with a rule is looked at, and may be built, for each conversation of its owner that is enriched.
create or replace function public.limit_collecting_training_files() returns trigger
  language plpgsql set search_path = '' as $$
begin
  if (select count(*) from public.training_files f where f.created_by = new.created_by and f.collect is not null) >= 100
  then
    raise exception 'a user has up to 100 training files with a collection rule' using errcode = 'TF001';
  end if;
  return new;
end
$$;

create or replace trigger training_files_limit_collecting before update of collect on public.training_files
  for each row when (new.collect is not null and old.collect is null)
  execute function public.limit_collecting_training_files();

create or replace trigger training_files_touch before update on public.training_files
  for each row execute function public.touch_training_file();
