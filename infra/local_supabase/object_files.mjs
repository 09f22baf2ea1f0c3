// Keeps the bytes of Storage's objects as files, one folder per bucket. It is the storage adapter that Lite
// asks, and what S3 writes through, so both see the same objects. Type and cache control are in
// storage.objects.
import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { copyFile, mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import { parseRange } from "./byte_range.mjs";
import { requestContext } from "./request_context.mjs";

export class ObjectFiles {
  driver = null; // Lite's interface asks for one; files need none

  constructor({ folder, database }) {
    this.folder = folder;
    this.database = database;
  }

  pathOf(bucket, key) {
    const root = join(this.folder, "objects", bucket);
    const path = join(root, key);
    if (!path.startsWith(root + sep)) throw new Error("The key leaves the bucket's folder");
    return path;
  }

  newPath() {
    return join(this.folder, "incoming", randomUUID());
  }

  /** Moves a complete file to its object's place: readers see the old object or the new one, never a part. */
  async place(file, bucket, key) {
    const path = this.pathOf(bucket, key);
    await mkdir(dirname(path), { recursive: true });
    await rename(file, path);
  }

  async headObject(bucket, key) {
    const { metadata } =
      (await this.database.kysely
        .withSchema("storage")
        .selectFrom("objects")
        .select("metadata")
        .where("bucket_id", "=", bucket)
        .where("name", "=", key)
        .executeTakeFirst()) ?? {};
    return describe(await stat(this.pathOf(bucket, key)), metadata ?? {});
  }

  async getObject(bucket, key) {
    const metadata = await this.headObject(bucket, key);
    const context = requestContext();
    const range = parseRange(context.range, metadata.size);
    context.rangeIsUnsatisfiable = range?.isUnsatisfiable ?? false;
    if (!range) return { httpStatusCode: 200, metadata, body: this.read(bucket, key) };
    if (range.isUnsatisfiable) return { httpStatusCode: 416, metadata, body: Readable.toWeb(Readable.from([])) };
    const { start, end } = range;
    const contentRange = `bytes ${start}-${end}/${metadata.size}`;
    return {
      httpStatusCode: 206,
      metadata: { ...metadata, contentLength: end - start + 1, contentRange },
      body: this.read(bucket, key, { start, end }),
    };
  }

  read(bucket, key, range = {}) {
    return Readable.toWeb(createReadStream(this.pathOf(bucket, key), range));
  }

  async uploadObject(bucket, key, _version, body, mimetype, cacheControl) {
    const incoming = this.newPath();
    try {
      const { md5 } = await writeMeasured(incoming, body instanceof Uint8Array ? [body] : body);
      await this.place(incoming, bucket, key);
      const eTag = `"${md5.toString("hex")}"`;
      return describe(await stat(this.pathOf(bucket, key)), { mimetype, cacheControl, eTag });
    } finally {
      await rm(incoming, { force: true });
    }
  }

  async copyObject(bucket, key, _version, newBucket, newKey) {
    const { eTag } = await this.headObject(bucket, key);
    const incoming = this.newPath();
    await copyFile(this.pathOf(bucket, key), incoming);
    await this.place(incoming, newBucket, newKey);
    return { httpStatusCode: 200, eTag, lastModified: new Date() };
  }

  async deleteObject(bucket, key) {
    await rm(this.pathOf(bucket, key), { force: true });
  }

  async deleteObjects(bucket, keys) {
    await Promise.all(keys.map((key) => this.deleteObject(bucket, key)));
  }

  async privateAssetUrl(bucket, key) {
    return `file://${this.pathOf(bucket, key)}`;
  }
}

function describe({ size, mtime }, { mimetype, cacheControl, eTag }) {
  return {
    cacheControl: cacheControl ?? "no-cache",
    mimetype: mimetype ?? "application/octet-stream",
    eTag: eTag ?? `"${size}-${mtime.getTime()}"`,
    contentLength: size,
    size,
    lastModified: mtime,
  };
}

/** Streams `source` into `file` and measures it on the way. */
export async function writeMeasured(file, source) {
  const hash = createHash("md5");
  let size = 0;
  async function* measured() {
    for await (const chunk of source) {
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  }
  await pipeline(measured, createWriteStream(file));
  return { size, md5: hash.digest() };
}
