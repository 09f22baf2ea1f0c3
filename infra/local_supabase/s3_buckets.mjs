// S3's calls for buckets: list them, make one, look whether it is there, list its objects, delete many
// objects.
import { textOf } from "./s3_body.mjs";
import { notImplemented } from "./s3_error.mjs";
import { textsOf, xmlResponse } from "./s3_xml.mjs";

const DEFAULT_MAX_KEYS = 1000;

export function bucketCalls({ rows, files }) {
  async function list() {
    const buckets = await rows.buckets();
    const Bucket = buckets.map(({ id, created_at }) => ({ Name: id, CreationDate: created_at }));
    return xmlResponse({ ListAllMyBucketsResult: { Owner: { ID: "local" }, Buckets: { Bucket } } });
  }

  async function create({ bucket }) {
    await rows.createBucket(bucket);
    return new Response(null, { headers: { location: `/${bucket}` } });
  }

  async function deleteObjects(call) {
    const keys = textsOf(await textOf(call), "Key");
    for (const key of keys) {
      await rows.remove(call.bucket, key);
      await files.deleteObject(call.bucket, key);
    }
    return xmlResponse({ DeleteResult: { Deleted: keys.map((Key) => ({ Key })) } });
  }

  async function listObjects({ bucket, query }) {
    const prefix = query.get("prefix") ?? "";
    const after = query.has("continuation-token")
      ? decodeToken(query.get("continuation-token"))
      : (query.get("start-after") ?? "");
    const maxKeys = Number(query.get("max-keys") ?? DEFAULT_MAX_KEYS);
    const found = await rows.list(bucket, { prefix, after });
    const page = firstPage(found, { prefix, after, maxKeys, delimiter: query.get("delimiter") });
    return xmlResponse({ ListBucketResult: describePage(page, { bucket, prefix, maxKeys, query }) });
  }

  function answer(call) {
    if (call.method === "HEAD") return new Response(null);
    if (call.method === "POST" && call.query.has("delete")) return deleteObjects(call);
    if (call.method === "GET" && call.query.get("list-type") === "2") return listObjects(call);
    throw notImplemented();
  }

  return { list, create, answer };
}

/** Up to `maxKeys` objects and common prefixes, and where the next page begins, if there is one. */
function firstPage(rows, { prefix, after, maxKeys, delimiter }) {
  const objects = [];
  const folders = new Set();
  let last = null;
  for (const row of rows) {
    const folder = folderOf(row.name, prefix, delimiter);
    if (folder !== null && (folder <= after || folders.has(folder))) continue; // told already
    if (objects.length + folders.size >= maxKeys) return { objects, folders, next: last };
    last = folder ?? row.name;
    if (folder === null) objects.push(row);
    else folders.add(folder);
  }
  return { objects, folders, next: null };
}

function folderOf(name, prefix, delimiter) {
  const cut = delimiter ? name.indexOf(delimiter, prefix.length) : -1;
  return cut < 0 ? null : name.slice(0, cut + delimiter.length);
}

function describePage({ objects, folders, next }, { bucket, prefix, maxKeys, query }) {
  const isUrlEncoded = query.get("encoding-type") === "url";
  const name = isUrlEncoded ? encodeURIComponent : (text) => text;
  return {
    Name: bucket,
    Prefix: name(prefix),
    KeyCount: objects.length + folders.size,
    MaxKeys: maxKeys,
    IsTruncated: next !== null,
    EncodingType: isUrlEncoded ? "url" : undefined,
    NextContinuationToken: next === null ? undefined : encodeToken(next),
    Contents: objects.map((row) => ({
      Key: name(row.name),
      LastModified: new Date(row.updated_at).toISOString(),
      ETag: row.metadata.eTag,
      Size: row.metadata.size,
      StorageClass: "STANDARD",
    })),
    CommonPrefixes: [...folders].map((folder) => ({ Prefix: name(folder) })),
  };
}

const encodeToken = (name) => Buffer.from(name).toString("base64url");
const decodeToken = (token) => Buffer.from(token, "base64url").toString();
