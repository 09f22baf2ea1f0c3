// S3's multipart uploads, with parts copied from stored objects. Every byte is streamed from file to file, so
// memory does not grow with the objects; uploads survive a restart. What is copied stays where it is until the upload
// is completed: a link keeps its file, which never changes, because objects are replaced and not written over.
import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { link, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { writeMeasured } from "./object_files.mjs";
import { bodyOf, textOf } from "./s3_body.mjs";
import { notImplemented, S3Error } from "./s3_error.mjs";
import { assertAllowedSize, copySourceOf, existingRow, kindOf } from "./s3_objects.mjs";
import { textsOf, xmlResponse } from "./s3_xml.mjs";

const MIN_PART_BYTES = 5 * 2 ** 20; // of every part but the last
const MAX_PART_NUMBER = 10_000;
// As hosted Storage has it for copies.
const MAX_COPY_NUMBER = 1_000;
const COPY_CHUNK_BYTES = 4 * 2 ** 20;
const UUID = /^[0-9a-f-]{36}$/;

export function multipartCalls({ rows, files }) {
  const folderOf = (uploadId) => join(files.folder, "multipart", uploadId);

  async function create({ bucket, key, headers }) {
    const uploadId = randomUUID();
    await mkdir(folderOf(uploadId), { recursive: true });
    await writeFile(join(folderOf(uploadId), "upload.json"), JSON.stringify({ bucket, key, ...kindOf(headers) }));
    return xmlResponse({ InitiateMultipartUploadResult: { Bucket: bucket, Key: key, UploadId: uploadId } });
  }

  async function openUpload({ bucket, key, query }) {
    const uploadId = query.get("uploadId");
    const folder = folderOf(uploadId);
    const file = join(folder, "upload.json");
    if (UUID.test(uploadId) && existsSync(file)) {
      const upload = JSON.parse(await readFile(file, "utf8"));
      if (upload.bucket === bucket && upload.key === key) return { ...upload, uploadId, folder };
    }
    throw new S3Error(404, "NoSuchUpload", "There is no such upload; it may have been completed or aborted");
  }

  async function uploadPart(upload, call) {
    const number = partNumberOf(call.query);
    const etag = await savePart(upload.folder, number, async (incoming) => {
      const { md5 } = await writeMeasured(incoming, bodyOf(call));
      return { etag: md5.toString("hex") };
    });
    return new Response(null, { headers: { etag: `"${etag}"` } });
  }

  async function copyPart(upload, { headers, query }) {
    const source = copySourceOf(headers);
    const { version } = await existingRow(rows, source);
    const etag = await savePart(upload.folder, partNumberOf(query, MAX_COPY_NUMBER), async (incoming) => {
      await link(files.pathOf(source.bucket, source.key), incoming);
      const range = copyRange(headers.get("x-amz-copy-source-range"), (await stat(incoming)).size);
      return { etag: tagOfCopy([source.bucket, source.key, version, range.start, range.end]), range };
    });
    return xmlResponse({ CopyPartResult: { ETag: `"${etag}"`, LastModified: new Date().toISOString() } });
  }

  async function list({ bucket, key, uploadId, folder }) {
    const Part = [...(await storedParts(folder)).values()]
      .sort((one, other) => one.number - other.number)
      .map(({ number, etag, size, modified }) => ({
        PartNumber: number,
        ETag: `"${etag}"`,
        Size: size,
        LastModified: modified.toISOString(),
      }));
    return xmlResponse({
      ListPartsResult: { Bucket: bucket, Key: key, UploadId: uploadId, IsTruncated: false, Part },
    });
  }

  async function complete(upload, call) {
    const { bucket, key, folder, mimetype, cacheControl } = upload;
    const parts = chosenParts(await textOf(call), await storedParts(folder));
    const size = parts.reduce((sum, part) => sum + part.size, 0);
    assertAllowedSize(call.bucketRow, size);
    const whole = files.newPath();
    await joinParts(parts, whole);
    await files.place(whole, bucket, key);
    const eTag = multipartETag(parts);
    const lastModified = new Date();
    await rows.save(bucket, key, { cacheControl, mimetype, eTag, size, contentLength: size, lastModified });
    await rm(folder, { recursive: true });
    return xmlResponse({ CompleteMultipartUploadResult: { Bucket: bucket, Key: key, ETag: eTag } });
  }

  async function abort({ folder }) {
    await rm(folder, { recursive: true });
    return new Response(null, { status: 204 });
  }

  /** Every upload of a bucket that is neither completed nor aborted; few enough for one page. */
  async function listUploads({ bucket }) {
    const Upload = [];
    for (const uploadId of existsSync(folderOf("")) ? await readdir(folderOf("")) : []) {
      const file = join(folderOf(uploadId), "upload.json");
      if (!existsSync(file)) continue;
      const upload = JSON.parse(await readFile(file, "utf8"));
      const Initiated = (await stat(file)).mtime.toISOString();
      if (upload.bucket === bucket) Upload.push({ Key: upload.key, UploadId: uploadId, Initiated });
    }
    return xmlResponse({ ListMultipartUploadsResult: { Bucket: bucket, IsTruncated: false, Upload } });
  }

  async function answer(call) {
    if (!call.key) return listUploads(call);
    if (call.method === "POST" && call.query.has("uploads")) return create(call);
    const upload = await openUpload(call);
    const putPart = call.headers.has("x-amz-copy-source") ? copyPart : uploadPart;
    const chosen = { PUT: putPart, GET: list, POST: complete, DELETE: abort }[call.method];
    if (!chosen) throw notImplemented();
    return chosen(upload, call);
  }

  return { answer };
}

function partNumberOf(query, most = MAX_PART_NUMBER) {
  const number = Number(query.get("partNumber"));
  if (Number.isInteger(number) && number >= 1 && number <= most) return number;
  throw new S3Error(400, "InvalidArgument", `Part number must be an integer between 1 and ${most}`);
}

function copyRange(header, size) {
  if (header === null) return { start: 0, end: size - 1 };
  const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(header)?.map(Number) ?? [];
  if (start <= end && end < size) return { start, end };
  throw new S3Error(400, "InvalidArgument", `The range is not valid for a source of ${size} bytes`);
}

/** An ETag need not be the sum of the bytes: what names them as exactly spares reading them all. */
function tagOfCopy(names) {
  return createHash("md5").update(JSON.stringify(names)).digest("hex");
}

async function joinParts(parts, path) {
  const whole = await open(path, "w");
  try {
    for (const part of parts) await eachChunk(part.path, part.range, (chunk) => whole.writeFile(chunk));
  } finally {
    await whole.close();
  }
}

/** Gives `use` the bytes of a file piece by piece, all in one buffer, which is several times as fast as a stream. */
async function eachChunk(path, { start, end }, use) {
  const buffer = Buffer.allocUnsafe(COPY_CHUNK_BYTES);
  const file = await open(path);
  try {
    for (let at = start; at <= end; ) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, end + 1 - at), at);
      if (bytesRead === 0) throw new Error(`${path} ends before byte ${end}`);
      await use(buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
  } finally {
    await file.close();
  }
}

// A part's ETag is in its file's name, so that a part and its ETag can never disagree; so is the range of the file
// that the part is, where it is not all of it.
async function savePart(folder, number, write) {
  const incoming = join(folder, `incoming-${randomUUID()}`);
  try {
    const { etag, range } = await write(incoming);
    const name = range ? `${number}-${etag}-${range.start}-${range.end}` : `${number}-${etag}`;
    const earlier = (await storedParts(folder)).get(number);
    await rename(incoming, join(folder, name));
    if (earlier && earlier.path !== join(folder, name)) await rm(earlier.path);
    return etag;
  } finally {
    await rm(incoming, { force: true });
  }
}

async function storedParts(folder) {
  const parts = new Map();
  for (const name of await readdir(folder)) {
    const [, number, etag, start, end] = /^(\d+)-([0-9a-f]{32})(?:-(\d+)-(\d+))?$/.exec(name) ?? [];
    if (!number) continue;
    const path = join(folder, name);
    const { size: wholeSize, mtime: modified } = await stat(path);
    const range = start === undefined ? { start: 0, end: wholeSize - 1 } : { start: Number(start), end: Number(end) };
    const size = range.end - range.start + 1;
    parts.set(Number(number), { number: Number(number), etag, path, range, size, modified });
  }
  return parts;
}

/** The parts that the request names, in its order, which must be theirs. */
function chosenParts(xml, stored) {
  const numbers = textsOf(xml, "PartNumber").map(Number);
  const etags = textsOf(xml, "ETag").map((etag) => etag.replaceAll('"', ""));
  if (numbers.length === 0) throw new S3Error(400, "MalformedXML", "The request names no parts");
  return numbers.map((number, index) => {
    const part = stored.get(number);
    if (!part || part.etag !== etags[index]) throw new S3Error(400, "InvalidPart", `Part ${number} was not found`);
    if (index > 0 && number <= numbers[index - 1]) {
      throw new S3Error(400, "InvalidPartOrder", "The parts are not in ascending order");
    }
    if (index < numbers.length - 1 && part.size < MIN_PART_BYTES) {
      throw new S3Error(400, "EntityTooSmall", `Part ${number} is smaller than ${MIN_PART_BYTES} bytes`);
    }
    return part;
  });
}

function multipartETag(parts) {
  const sum = createHash("md5");
  for (const { etag } of parts) sum.update(Buffer.from(etag, "hex"));
  return `"${sum.digest("hex")}-${parts.length}"`;
}
