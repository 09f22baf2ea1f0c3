// The only door to Supabase Lite, so that its Storage switch is always set before it is loaded.
import "./experimental_storage.mjs";

export { App, getAuthSchemaSql, getStorageSchemaSql, SUPABASE_AUTH_HELPERS_SQL } from "@supabase/lite";
export { createPostgresConnection } from "@supabase/lite/postgres";
