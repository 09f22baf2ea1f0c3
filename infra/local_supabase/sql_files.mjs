// Connects to the database and applies SQL texts, among them the project's files.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { postgresOptions } from "./column_values.mjs";
import { ExpectedError } from "./expected_error.mjs";
import { createPostgresConnection } from "./lite.mjs";

export function connect(url) {
  return createPostgresConnection({ url, postgresOptions });
}

/** Runs a text of many statements; without a `begin` of its own it is one transaction. */
export async function applySql(database, text) {
  const connection = await database.driver.reserve(); // a pooled query would refuse a text with `begin`
  try {
    await connection.unsafe(text).simple();
  } finally {
    connection.release();
  }
}

/** Applies every .sql file in name order. The files are idempotent, so all of them run at every start. */
export async function applyFolder(database, folder) {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  for (const name of names) {
    const text = await readFile(join(folder, name), "utf8");
    try {
      await applySql(database, text);
    } catch (error) {
      if (!error.code) throw error;
      throw new ExpectedError(describe(error, name, text));
    }
  }
}

function describe(error, name, text) {
  const line = error.position && text.slice(0, Number(error.position)).split("\n").length;
  return [
    `${name}${line ? `, line ${line}` : ""}: ${error.message} (SQLSTATE ${error.code})`,
    error.detail && `Detail: ${error.detail}`,
    error.hint && `Hint: ${error.hint}`,
    error.where && `Where: ${error.where}`,
  ]
    .filter(Boolean)
    .join("\n");
}
