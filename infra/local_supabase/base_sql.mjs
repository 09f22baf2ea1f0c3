// What a hosted Supabase project has before its own SQL runs: roles, the auth and storage schemas,
// extensions. It grants nothing in `public`, as hosted projects no longer do: the project's SQL grants what
// it needs.
import { getAuthSchemaSql, getStorageSchemaSql, SUPABASE_AUTH_HELPERS_SQL } from "./lite.mjs";

const ROLES = `
do $$
declare
  wanted text;
begin
  foreach wanted in array array['anon', 'authenticated', 'service_role'] loop
    if not exists (select from pg_roles where rolname = wanted) then
      execute format('create role %I nologin noinherit', wanted);
    end if;
  end loop;
  alter role service_role bypassrls;
end $$;
`;

// Lite's own auth.email() reads a setting that nobody makes, so it is always null.
const AUTH_EMAIL = `
create or replace function auth.email() returns text language sql stable as $$
  select nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email'
$$;
`;

const EXTENSIONS = `
create schema if not exists extensions;
create extension if not exists "uuid-ossp" with schema extensions;
create extension if not exists pgcrypto with schema extensions;
`;

// Row level security is on for the storage tables, so without a policy they stay closed in spite of the grant.
const GRANTS = `
revoke create on schema public from public;
grant usage on schema public, extensions, auth, storage to anon, authenticated, service_role;
grant execute on all functions in schema auth, storage to anon, authenticated, service_role;
grant all on storage.objects, storage.buckets to anon, authenticated, service_role;
`;

/** Idempotent; it runs at every start. */
export function hostedBaseSql() {
  return [
    ROLES,
    getAuthSchemaSql(),
    SUPABASE_AUTH_HELPERS_SQL,
    AUTH_EMAIL,
    getStorageSchemaSql(),
    EXTENSIONS,
    GRANTS,
  ].join("\n");
}
