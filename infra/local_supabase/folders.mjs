// Storage lists one folder at a time; Lite answers every key below a prefix.

const DEFAULT_LIMIT = 100;
const FOLDER = { id: null, updated_at: null, created_at: null, last_accessed_at: null, metadata: null };

/** Folders first, then objects, named relative to `prefix`; `search` is the beginning of a name. */
export function foldIntoFolders(rows, { prefix, search = "", limit = DEFAULT_LIMIT, offset = 0 }) {
  const folders = new Set();
  const objects = [];
  for (const row of rows) {
    const name = row.name.slice(prefix.length);
    // Lite's prefix is a LIKE pattern, in which `_` stands for any character.
    if (!row.name.startsWith(prefix) || !name.toLowerCase().startsWith(search.toLowerCase())) continue;
    const slash = name.indexOf("/");
    if (slash < 0) objects.push({ ...row, name });
    else folders.add(name.slice(0, slash));
  }
  const entries = [...[...folders].sort().map((name) => ({ name, ...FOLDER })), ...objects];
  return entries.slice(offset, offset + limit);
}
