// The rows of storage.buckets and storage.objects behind S3's calls. Without its row the REST API would not
// see an object.
import { randomUUID } from "node:crypto";

import { sql } from "kysely";

export class ObjectRows {
  constructor(database) {
    this.storage = database.kysely.withSchema("storage");
  }

  buckets() {
    return this.storage.selectFrom("buckets").select(["id", "created_at"]).orderBy("id").execute();
  }

  bucket(id) {
    return this.storage.selectFrom("buckets").selectAll().where("id", "=", id).executeTakeFirst();
  }

  async createBucket(id) {
    const bucket = { id, name: id, public: false };
    await this.storage
      .insertInto("buckets")
      .values(bucket)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  find(bucket, key) {
    return this.#only(this.storage.selectFrom("objects").selectAll(), bucket, key).executeTakeFirst();
  }

  async save(bucket, key, fileMetadata) {
    const metadata = JSON.stringify({ ...fileMetadata, httpStatusCode: 200 });
    const version = randomUUID();
    await this.storage
      .insertInto("objects")
      .values({ bucket_id: bucket, name: key, metadata, version })
      .onConflict((conflict) =>
        conflict.columns(["bucket_id", "name"]).doUpdateSet({ metadata, version, updated_at: sql`now()` }),
      )
      .execute();
  }

  async remove(bucket, key) {
    await this.#only(this.storage.deleteFrom("objects"), bucket, key).execute();
  }

  /** Names in S3's order, which is that of their bytes. */
  list(bucket, { prefix, after }) {
    return this.storage
      .selectFrom("objects")
      .select(["name", "metadata", "updated_at"])
      .where("bucket_id", "=", bucket)
      .where(sql`starts_with(name, ${prefix})`)
      .where(sql`name collate "C" > ${after}`)
      .orderBy(sql`name collate "C"`)
      .execute();
  }

  #only(query, bucket, key) {
    return query.where("bucket_id", "=", bucket).where("name", "=", key);
  }
}
