-- Tags: names that a training file's owner gives to its revisions. A revision with a tag is kept.

create table if not exists public.training_file_tags (
  training_file_id uuid not null references public.training_files (id) on delete cascade,
  -- Of digits alone, it would be taken for the number of a revision.
  name             text not null check (name ~ '^[a-z0-9][a-z0-9._-]{0,63}$' and name ~ '[^0-9]'),
  revision_id      uuid not null references public.training_file_revisions (id) on delete cascade,
  created_by       uuid not null references auth.users (id) on delete cascade,
  created_at       timestamptz not null default now(),
  updated_at       timestamptz not null default now(),
  primary key (training_file_id, name)
);

create index if not exists training_file_tags_revision_idx on public.training_file_tags (revision_id);
create index if not exists training_file_tags_created_by_idx on public.training_file_tags (created_by);

alter table public.training_file_tags enable row level security;

revoke all on public.training_file_tags from anon, authenticated;
grant select on public.training_file_tags to authenticated;
grant select, insert, update, delete on public.training_file_tags to service_role;

drop policy if exists "Owners read the tags of their training files" on public.training_file_tags;
create policy "Owners read the tags of their training files" on public.training_file_tags
  for select to authenticated using (exists (
    select from public.training_files f
    where f.id = training_file_id and f.created_by = (select auth.uid())));

-- The committed revision that has this tag, or without one this number, as long as housekeeping has not given it up, which
-- it cannot do until the transaction ends.
create or replace function public.kept_training_file_revision(
  p_training_file_id uuid,
  p_revision         integer,
  p_tag              text default null
) returns public.training_file_revisions language plpgsql set search_path = '' as $$
declare
  kept public.training_file_revisions;
begin
  if p_tag is null then
    select r.* into kept from public.training_file_revisions r
    where r.training_file_id = p_training_file_id and r.number = p_revision and r.status = 'committed'
      and r.pruned_at is null
    for share;
  else
    select r.* into kept from public.training_file_tags t
    join public.training_file_revisions r on r.id = t.revision_id
    where t.training_file_id = p_training_file_id and t.name = p_tag and r.status = 'committed' and r.pruned_at is null
    for share of r;
  end if;
  return kept;
end
$$;

-- Gives the revision of this number, or with another tag, a tag; one that names another revision moves. Archived training
-- files can be tagged: what is in them stays as it is.
-- Outcomes: tagged | not_found | processing | no_revision | too_many (it would be the 101st).
create or replace function public.tag_training_file_revision(
  p_training_file_id uuid,
  p_owner            uuid,
  p_name             text,
  p_revision         integer,
  p_tag              text
) returns jsonb language plpgsql set search_path = '' as $$
declare
  file public.training_files;
  kept public.training_file_revisions;
begin
  -- Of two new tags at once, the second one counts the first.
  select * into file from public.training_files f
  where f.id = p_training_file_id and (p_owner is null or f.created_by = p_owner)
  for no key update;
  if not found then
    return jsonb_build_object('outcome', 'not_found');
  elsif file.revision = 0 then
    return jsonb_build_object('outcome', 'processing');
  end if;
  kept := public.kept_training_file_revision(file.id, p_revision, p_tag);
  if kept.id is null then
    return jsonb_build_object('outcome', 'no_revision');
  elsif (select count(*) from public.training_file_tags t where t.training_file_id = file.id and t.name <> p_name) >= 100
  then
    return jsonb_build_object('outcome', 'too_many');
  end if;

  insert into public.training_file_tags (training_file_id, name, revision_id, created_by)
  values (file.id, p_name, kept.id, coalesce(p_owner, file.created_by))
  on conflict (training_file_id, name) do update
    set revision_id = excluded.revision_id, updated_at = now()
    where training_file_tags.revision_id <> excluded.revision_id;
  return jsonb_build_object('outcome', 'tagged', 'tag', (
    select to_jsonb(t) || jsonb_build_object('revision', kept.number) from public.training_file_tags t
    where t.training_file_id = file.id and t.name = p_name));
end
$$;

-- Takes a tag away, if it is there.
create or replace function public.untag_training_file_revision(p_training_file_id uuid, p_owner uuid, p_name text)
returns void language sql set search_path = '' as $$
  delete from public.training_file_tags t using public.training_files f
  where f.id = t.training_file_id and (p_owner is null or f.created_by = p_owner)
    and t.training_file_id = p_training_file_id and t.name = p_name
$$;
