-- Exports: a revision's conversations in another format, one row for each request about a revision.

create table if not exists public.training_file_exports (
  id               uuid primary key,
  training_file_id uuid not null references public.training_files (id) on delete cascade,
  revision         integer not null check (revision > 0),
  key              text not null,
  request          jsonb not null,
  status           text not null default 'building' check (status in ('building', 'ready', 'failed')),
  background       boolean not null default false,
  lease_owner      uuid,
  lease_expires_at timestamptz,
  result           jsonb,
  error            jsonb,
  created_by       uuid not null references auth.users (id) on delete cascade,
  created_at       timestamptz not null default now(),
  finished_at      timestamptz,
  used_at          timestamptz not null default now(),
  constraint training_file_exports_complete check (
    status <> 'ready' or (result is not null and finished_at is not null))
);

-- When somebody was given links to it last, to the hour. Housekeeping removes exports that nobody uses.
alter table public.training_file_exports add column if not exists used_at timestamptz not null default now();

-- The same request about the same revision is the same export; one that failed does not stand in the way of the next.
create unique index if not exists training_file_exports_once_idx
  on public.training_file_exports (training_file_id, revision, key) where status <> 'failed';
create index if not exists training_file_exports_newest_first_idx
  on public.training_file_exports (training_file_id, created_at desc, id desc);
create index if not exists training_file_exports_created_by_idx
  on public.training_file_exports (created_by);
create index if not exists training_file_exports_building_idx
  on public.training_file_exports (created_at) where status = 'building';

alter table public.training_file_exports enable row level security;
revoke all on public.training_file_exports from anon, authenticated;
grant select on public.training_file_exports to authenticated;
grant update (used_at) on public.training_file_exports to authenticated;
grant select, insert, update, delete on public.training_file_exports to service_role;

drop policy if exists "Owners read their exports" on public.training_file_exports;
create policy "Owners read their exports" on public.training_file_exports
  for select to authenticated using (exists (
    select from public.training_files f
    where f.id = training_file_id and f.created_by = (select auth.uid())));

-- Functions that only read act as the user, and say so that an export is used. Nothing but the present can be said.
drop policy if exists "Owners say that they use their exports" on public.training_file_exports;
create policy "Owners say that they use their exports" on public.training_file_exports
  for update to authenticated
  using (exists (
    select from public.training_files f
    where f.id = training_file_id and f.created_by = (select auth.uid())))
  with check (used_at = now() and exists (
    select from public.training_files f
    where f.id = training_file_id and f.created_by = (select auth.uid())));
