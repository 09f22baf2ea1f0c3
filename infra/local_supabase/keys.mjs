// The stack's keys, kept in a file so that tokens and signed URLs outlive a restart.
import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";

const hex = (bytes) => randomBytes(bytes).toString("hex");

function makeKeys() {
  return {
    publishable_key: `sb_publishable_${hex(16)}`,
    secret_key: `sb_secret_${hex(16)}`,
    jwt_secret: hex(32),
    s3_access_key: hex(12),
    s3_secret_key: hex(24),
  };
}

export async function loadKeys(file) {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
  const keys = makeKeys();
  await writeFile(file, JSON.stringify(keys), { mode: 0o600 });
  return keys;
}
