// Configures Supabase Lite, which answers the REST, Auth and Storage APIs, to stand on our database and
// files.
import { App } from "./lite.mjs";
import { requestContext } from "./request_context.mjs";

// The limits of a hosted project.
const MAX_ROWS = 1000;
const FILE_SIZE_LIMIT = "50MiB";

export async function createLiteApp({ database, keys, files }) {
  // Else Lite grants everything on every table to anon at its first request.
  database.rlsState = "active";
  rememberDatabaseErrors(database);
  const app = new App({
    connection: database,
    studio: { enabled: false },
    api: { schemas: ["public"], max_rows: MAX_ROWS, pg_safe_update: true },
    auth: {
      enabled: true,
      publishable_key: keys.publishable_key,
      secret_key: keys.secret_key,
      jwt_secret: keys.jwt_secret,
      minimum_password_length: 6,
    },
    storage: { enabled: true, file_size_limit: FILE_SIZE_LIMIT },
  });
  app._storageAdapter = files;
  await app.init();
  return app;
}

// Lite's answers lose much of an error; what PostgreSQL said is kept for rest_compat to tell.
function rememberDatabaseErrors(database) {
  database.normalizeDbError = (error) => {
    const context = requestContext();
    const isSqlState = /^[0-9A-Z]{5}$/.test(error?.code ?? "") && error.code !== "PGRST";
    if (context && isSqlState) context.databaseError = error;
    return error;
  };
}
