-- Who may do what: a table with row level security for its owners, and one that nobody was granted.
create table if not exists public.notes (
  id uuid primary key default gen_random_uuid(),
  owner uuid not null default auth.uid(),
  email text default auth.email(),
  body text
);
alter table public.notes enable row level security;
drop policy if exists own_notes on public.notes;
create policy own_notes on public.notes to authenticated using (owner = auth.uid()) with check (owner = auth.uid());
grant select, insert, update, delete on public.notes to authenticated;

create table if not exists public.ungranted (id integer primary key);
