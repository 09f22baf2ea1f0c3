// Starts the local Supabase: embedded PostgreSQL, the project's SQL and one HTTP server for REST, Auth,
// Storage and S3. It is made to be run by a parent process: standard output gets exactly one line, the JSON
// description of the running stack; everything else goes to standard error. When standard input ends, which
// also happens when the parent is killed, the whole stack stops.
import { mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

import { serve } from "@hono/node-server";

import { hostedBaseSql } from "./base_sql.mjs";
import { startPostgres } from "./embedded_postgres.mjs";
import { createGateway } from "./gateway.mjs";
import { loadKeys } from "./keys.mjs";
import { createLiteApp } from "./lite_app.mjs";
import { ObjectFiles } from "./object_files.mjs";
import { freePort } from "./ports.mjs";
import { applyFolder, applySql, connect } from "./sql_files.mjs";

// Longer than clients keep an idle connection (5 s in httpx), so that no request meets a connection just closed.
const KEEP_ALIVE_MILLISECONDS = 75_000;

// A step that takes longer is given up. All together stay below what the parent waits for.
const UNDO_LIMIT_MILLISECONDS = 5_000;
// Near the end of the start-up a connection may be taken, and not be given back any more.
const CLOSE_LIMIT_SECONDS = 1;

const undoings = [];
let isStarted = false;
let stopping = null;

/** Only the first call counts: what a stop breaks off fails, and must not end the program before its time. */
function stop(exitCode) {
  stopping ??= undoAll().then((isComplete) => process.exit(isComplete ? exitCode : 1));
  return stopping;
}

// Other than 0, the exit code tells the parent to kill what is left, be it `initdb` in the middle of a start.
async function undoAll() {
  let isComplete = isStarted;
  for (const undo of undoings.splice(0).reverse()) {
    try {
      await withinLimit(undo());
    } catch (error) {
      isComplete = false;
      console.error("While stopping:", error); // what remains has to stop all the same
    }
  }
  return isComplete;
}

function withinLimit(step) {
  const giveUp = sleep(UNDO_LIMIT_MILLISECONDS, null, { ref: false }).then(() => {
    throw new Error(`A step took longer than ${UNDO_LIMIT_MILLISECONDS} ms.`);
  });
  return Promise.race([step, giveUp]);
}

async function start(options) {
  const data = resolve(options.data);
  process.env.TMPDIR = data; // the set-up of PostgreSQL leaves a file there when it is broken off
  const port = await freePort(Number(options.port));
  const postgresPort = await freePort(Number(options["postgres-port"]));
  const origin = `http://127.0.0.1:${port}`;
  const keys = await loadKeys(join(data, "keys.json"));

  const databaseUrl = await startPostgres({ folder: join(data, "db"), port: postgresPort, undoings });
  const database = connect(databaseUrl);
  undoings.push(() => database.driver.end({ timeout: CLOSE_LIMIT_SECONDS }));
  await applySql(database, hostedBaseSql());
  if (options.sql) await applyFolder(database, resolve(options.sql));

  const files = await openObjectFiles(join(data, "storage"), database);
  const app = await createLiteApp({ database, keys, files });
  await listen(port, createGateway({ app, database, files, keys, origin }));
  return { url: origin, ...keys, database_url: databaseUrl };
}

async function openObjectFiles(folder, database) {
  const incoming = join(folder, "incoming"); // whatever is in it was left by uploads that never ended
  await rm(incoming, { recursive: true, force: true });
  await mkdir(incoming, { recursive: true });
  return new ObjectFiles({ folder, database });
}

function listen(port, gateway) {
  return new Promise((resolveListening, reject) => {
    const server = serve(
      {
        port,
        hostname: "127.0.0.1",
        serverOptions: { keepAliveTimeout: KEEP_ALIVE_MILLISECONDS },
        fetch: (request, env) => gateway(request, { peerAddress: env.incoming.socket.remoteAddress ?? null }),
      },
      resolveListening,
    );
    server.on("error", reject);
    undoings.push(() => {
      server.close();
      server.closeAllConnections();
    });
  });
}

const { values: options } = parseArgs({
  options: {
    data: { type: "string" },
    port: { type: "string", default: "0" },
    "postgres-port": { type: "string", default: "0" },
    sql: { type: "string" },
  },
});

process.stdin.on("end", () => stop(0));
process.stdin.on("error", () => stop(0));
process.stdin.resume();
try {
  const description = await start(options);
  isStarted = true;
  process.stdout.write(`${JSON.stringify(description)}\n`);
} catch (error) {
  console.error(error.expected ? error.message : error);
  await stop(1);
}
