-- Removals: what goes away leaves its folder in the bucket to housekeeping.

-- Revisions and exports whose rows are gone. Their folders are looked at once more when whoever wrote there is surely
-- done, and remembered for a month: nothing but what is named here is ever swept out of the bucket.
create table if not exists public.training_file_removals (
  revision_id uuid primary key,
  created_at  timestamptz not null default now(),
  removed_at  timestamptz
);
alter table public.training_file_removals add column if not exists removed_at timestamptz;

alter table public.training_file_removals enable row level security;
revoke all on public.training_file_removals from anon, authenticated;
grant select, insert, update, delete on public.training_file_removals to service_role;

create or replace function public.remember_removed_training_file_revision() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  insert into public.training_file_removals (revision_id) values (old.id) on conflict do nothing;
  return null;
end
$$;

create or replace trigger training_file_revisions_removed after delete on public.training_file_revisions
  for each row execute function public.remember_removed_training_file_revision();

-- What goes away leaves its folder to housekeeping, which looks at it when whoever wrote there is surely done. The
-- column is named after revisions, which are folders as well.
create or replace function public.remember_removed_training_file_export() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  insert into public.training_file_removals (revision_id) values (old.id) on conflict do nothing;
  return null;
end
$$;

create or replace trigger training_file_exports_removed after delete on public.training_file_exports
  for each row execute function public.remember_removed_training_file_export();
create or replace trigger training_file_exports_failed after update of status on public.training_file_exports
  for each row when (new.status = 'failed' and old.status <> 'failed')
  execute function public.remember_removed_training_file_export();

-- The exports of a revision go with its objects: they could not be told from those of a revision that is there.
create or replace function public.remove_exports_of_training_file_revision() returns trigger
  language plpgsql security definer set search_path = '' as $$
begin
  delete from public.training_file_exports e
  where e.training_file_id = new.training_file_id and e.revision = new.number;
  return null;
end
$$;

create or replace trigger training_file_revisions_remove_exports after update of objects_removed_at
  on public.training_file_revisions
  for each row when (new.status = 'committed' and old.objects_removed_at is null and new.objects_removed_at is not null)
  execute function public.remove_exports_of_training_file_revision();
