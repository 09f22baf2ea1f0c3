// The part of Storage's S3 protocol that boto3 uses, over the same files and storage.objects rows as the REST
// API. Only the access key id is checked, not the signature: good enough for loopback. As on hosted projects,
// S3 keys are not held by row level security.
import { bucketCalls } from "./s3_buckets.mjs";
import { S3Error } from "./s3_error.mjs";
import { multipartCalls } from "./s3_multipart.mjs";
import { objectCalls } from "./s3_objects.mjs";
import { ObjectRows } from "./s3_rows.mjs";
import { xmlResponse } from "./s3_xml.mjs";

const ROOT = "/storage/v1/s3";

export function createS3({ database, files, accessKey }) {
  const rows = new ObjectRows(database);
  const buckets = bucketCalls({ rows, files });
  const objects = objectCalls({ rows, files });
  const multipart = multipartCalls({ rows, files });

  async function answer(call) {
    if (accessKeyOf(call) !== accessKey) throw new S3Error(403, "InvalidAccessKeyId", "Unknown access key");
    if (!call.bucket) return buckets.list(call);
    if (!call.key && call.method === "PUT") return buckets.create(call);
    call.bucketRow = await rows.bucket(call.bucket);
    if (!call.bucketRow) throw new S3Error(404, "NoSuchBucket", `There is no bucket ${call.bucket}`);
    if (!call.key && call.method === "GET" && call.query.has("uploads")) return multipart.answer(call);
    if (!call.key) return buckets.answer(call);
    const isMultipart = call.query.has("uploads") || call.query.has("uploadId");
    return isMultipart ? multipart.answer(call) : objects.answer(call);
  }

  return async (request, url) => {
    try {
      return await answer(toCall(request, url));
    } catch (error) {
      if (error instanceof S3Error) return error.toResponse(request.method);
      console.error("S3:", error);
      return xmlResponse({ Error: { Code: "InternalError", Message: "See the server's log" } }, 500);
    }
  };
}

function toCall(request, url) {
  const [bucket = "", ...rest] = url.pathname.slice(ROOT.length + 1).split("/").map(decodeURIComponent);
  const key = rest.join("/");
  if (key.split("/").includes("..")) throw new S3Error(400, "InvalidKey", "A key may not contain `..`");
  return { request, method: request.method, headers: request.headers, query: url.searchParams, bucket, key };
}

function accessKeyOf({ headers, query }) {
  const signed = /Credential=([^/,]+)\//.exec(headers.get("authorization") ?? "");
  return signed ? signed[1] : query.get("X-Amz-Credential")?.split("/")[0];
}
