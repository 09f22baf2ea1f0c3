// S3's calls for one object: put, copy, get, head, delete.
import { requestContext } from "./request_context.mjs";
import { bodyOf } from "./s3_body.mjs";
import { notImplemented, S3Error } from "./s3_error.mjs";
import { xmlResponse } from "./s3_xml.mjs";

export function objectCalls({ rows, files }) {
  async function put(call) {
    const { bucket, key } = call;
    const { mimetype, cacheControl } = kindOf(call.headers);
    assertAllowedSize(call.bucketRow, Number(declaredSize(call.headers)));
    const metadata = await files.uploadObject(bucket, key, null, bodyOf(call), mimetype, cacheControl);
    await rows.save(bucket, key, metadata);
    return new Response(null, { headers: { etag: metadata.eTag } });
  }

  async function copy({ bucket, key, headers }) {
    const source = copySourceOf(headers);
    const row = await existingRow(rows, source);
    const { eTag, lastModified } = await files.copyObject(source.bucket, source.key, null, bucket, key);
    await rows.save(bucket, key, row.metadata);
    return xmlResponse({ CopyObjectResult: { ETag: eTag, LastModified: lastModified.toISOString() } });
  }

  async function get({ bucket, key }) {
    await existingRow(rows, { bucket, key });
    const { httpStatusCode: status, metadata, body } = await files.getObject(bucket, key);
    if (requestContext().rangeIsUnsatisfiable) {
      throw new S3Error(416, "InvalidRange", `The object has only ${metadata.size} bytes`);
    }
    return new Response(body, { status, headers: headersOf(metadata) });
  }

  async function head({ bucket, key }) {
    await existingRow(rows, { bucket, key });
    return new Response(null, { headers: headersOf(await files.headObject(bucket, key)) });
  }

  async function remove({ bucket, key }) {
    await rows.remove(bucket, key);
    await files.deleteObject(bucket, key);
    return new Response(null, { status: 204 });
  }

  function answer(call) {
    if (call.method === "PUT") return call.headers.has("x-amz-copy-source") ? copy(call) : put(call);
    const chosen = { GET: get, HEAD: head, DELETE: remove }[call.method];
    if (!chosen) throw notImplemented();
    return chosen(call);
  }

  return { answer };
}

export function kindOf(headers) {
  return {
    mimetype: headers.get("content-type") ?? "application/octet-stream",
    cacheControl: headers.get("cache-control") ?? "no-cache",
  };
}

export function copySourceOf(headers) {
  const [path] = headers.get("x-amz-copy-source").replace(/^\//, "").split("?");
  const [bucket, ...key] = decodeURIComponent(path).split("/");
  return { bucket, key: key.join("/") };
}

export async function existingRow(rows, { bucket, key }) {
  const row = await rows.find(bucket, key);
  if (!row) throw new S3Error(404, "NoSuchKey", `There is no object ${key}`);
  return row;
}

export function assertAllowedSize(bucketRow, size) {
  const limit = bucketRow.file_size_limit;
  if (limit !== null && size > Number(limit)) {
    throw new S3Error(400, "EntityTooLarge", `The bucket takes objects of up to ${limit} bytes`);
  }
}

const declaredSize = (headers) => headers.get("x-amz-decoded-content-length") ?? headers.get("content-length");

function headersOf(metadata) {
  return {
    "accept-ranges": "bytes",
    "cache-control": metadata.cacheControl,
    "content-length": String(metadata.contentLength),
    "content-type": metadata.mimetype,
    etag: metadata.eTag,
    "last-modified": metadata.lastModified.toUTCString(),
    ...(metadata.contentRange && { "content-range": metadata.contentRange }),
  };
}
