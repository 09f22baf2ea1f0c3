// Reads an upload by form (multipart/form-data) as a stream, so that memory does not grow with the file. The
// platform's own `formData()` holds the whole body several times over.
import { storageError } from "./answers.mjs";

const LINE_END = "\r\n";
const HEADERS_END = LINE_END + LINE_END;
const LONGEST_FIELD_BYTES = 64 * 1024;
const FILE_FIELDS = ["file", ""]; // clients that have no name for it send none

export class FormError extends Error {
  toResponse() {
    return storageError("InvalidRequest", this.message);
  }
}

/**
 * Answers `{ fields, type, size, content, readToEnd }`: the fields in front of the file, the file's type, its bytes as
 * a stream, and how to drop what nobody read of it. `size` is exact where nothing follows the file, as Supabase's
 * clients send it; otherwise it is too large by what follows. It is undefined for a form that does not tell its own.
 */
export async function readFormUpload(request) {
  const [, quoted, plain] = /boundary=(?:"([^"]+)"|([^;\s]+))/.exec(request.headers.get("content-type")) ?? [];
  const delimiter = `${LINE_END}--${quoted ?? plain}`;
  // The first delimiter has no line end in front of it, unless one is put there.
  const form = new Splitter(request.body ?? [], LINE_END);
  await form.fieldUpTo(delimiter);

  const fields = {};
  for (;;) {
    const headers = await form.fieldUpTo(HEADERS_END);
    if (headers.startsWith("--")) throw new FormError("The form has no file");
    const name = /;\s*name="([^"]*)"/i.exec(headers)?.[1] ?? "";
    if (FILE_FIELDS.includes(name) && /;\s*filename/i.test(headers)) {
      const total = request.headers.get("content-length");
      const size = total === null ? undefined : Number(total) - form.bytesTaken - `${delimiter}--${LINE_END}`.length;
      const content = ReadableStream.from(form.streamUpTo(delimiter));
      return { fields, type: typeIn(headers), size, content, readToEnd: () => form.readToEnd() };
    }
    fields[name] = await form.fieldUpTo(delimiter);
  }
}

const typeIn = (headers) => /^content-type:\s*(\S+)/im.exec(headers)?.[1];

/** Cuts a stream of bytes where certain texts stand in it. */
class Splitter {
  constructor(body, start) {
    this.source = ReadableStream.from(body)[Symbol.asyncIterator]();
    this.buffered = Buffer.from(start);
    this.bytesTaken = -start.length; // of the body itself
  }

  /** The text up to the next `end`, which is taken too. */
  async fieldUpTo(end) {
    for (;;) {
      const at = this.buffered.indexOf(end);
      if (at >= 0) {
        const text = this.#take(at).toString();
        this.#take(end.length);
        return text;
      }
      if (this.buffered.length > LONGEST_FIELD_BYTES) throw new FormError("A field of the form is too long");
      await this.#readMore();
    }
  }

  /** The bytes up to the next `end`, as they come; what follows it is read and dropped. */
  async *streamUpTo(end) {
    for (;;) {
      const at = this.buffered.indexOf(end);
      // An `end` that is only half here yet must not be given out.
      const ready = at >= 0 ? at : this.buffered.length - end.length + 1;
      if (ready > 0) yield this.#take(ready);
      if (at >= 0) break;
      await this.#readMore();
    }
    await this.readToEnd();
  }

  async readToEnd() {
    while (!(await this.source.next()).done);
  }

  async #readMore() {
    const { done, value } = await this.source.next();
    if (done) throw new FormError("The form ends before it is complete");
    this.buffered = Buffer.concat([this.buffered, value]);
  }

  #take(size) {
    const taken = this.buffered.subarray(0, size);
    this.buffered = this.buffered.subarray(size);
    this.bytesTaken += size;
    return taken;
  }
}
