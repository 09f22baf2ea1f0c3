-- Tables and functions to look at the local Supabase with; idempotent, as every file of a stack has to be.
create table if not exists public.column_values (
  id bigint generated always as identity primary key,
  zoned timestamptz,
  unzoned timestamp,
  amount numeric,
  document jsonb,
  bytes bytea,
  tags text[]
);
grant all on public.column_values to service_role;

create table if not exists public.many_rows (number integer primary key);
insert into public.many_rows select generate_series(1, 1005) on conflict do nothing;
grant select on public.many_rows to service_role;

create table if not exists public.constrained (
  name text primary key,
  size integer check (size > 0)
);
grant all on public.constrained to service_role;

-- The status is chosen by the error's code, see `raise … using errcode`.
create or replace function public.raise_error(code text, hint text) returns void
language plpgsql set search_path = '' as $$
begin
  raise exception using errcode = code, message = 'It failed', detail = 'Some detail', hint = raise_error.hint;
end $$;

create or replace function public.plain_raise() returns void
language plpgsql set search_path = '' as $$
begin
  raise exception 'It failed plainly';
end $$;

create or replace function public.keys_of(document jsonb, names text[]) returns jsonb
language sql set search_path = '' as $$
  select jsonb_build_object('type', jsonb_typeof(document), 'first', document -> 'items' -> 0, 'names', names)
$$;
