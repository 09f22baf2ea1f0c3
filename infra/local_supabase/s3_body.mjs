// The body of an S3 upload as a stream of its own bytes. SDKs wrap it as "aws-chunked": a size line in
// hexadecimal, that many bytes, and so on until size 0, after which checksums may follow.
import { S3Error } from "./s3_error.mjs";

const LINE_END = "\r\n";

export function bodyOf({ request, headers }) {
  const source = request.body ?? [];
  return isAwsChunked(headers) ? unwrapped(source, headers) : source;
}

export async function textOf(call) {
  const chunks = [];
  for await (const chunk of bodyOf(call)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function isAwsChunked(headers) {
  const isStreaming = (headers.get("x-amz-content-sha256") ?? "").startsWith("STREAMING-");
  return isStreaming || (headers.get("content-encoding") ?? "").includes("aws-chunked");
}

async function* unwrapped(source, headers) {
  let size = 0;
  for await (const bytes of awsChunks(source)) {
    size += bytes.length;
    yield bytes;
  }
  const promised = headers.get("x-amz-decoded-content-length");
  if (promised !== null && Number(promised) !== size) throw incompleteBody();
}

async function* awsChunks(source) {
  let buffered = Buffer.alloc(0);
  let bytesLeft = 0; // of the chunk that is being read
  for await (const piece of source) {
    buffered = Buffer.concat([buffered, piece]);
    while (buffered.length > 0) {
      if (bytesLeft > 0) {
        const bytes = buffered.subarray(0, bytesLeft);
        yield bytes;
        bytesLeft -= bytes.length;
        buffered = buffered.subarray(bytes.length);
        continue;
      }
      const line = nextSizeLine(buffered);
      if (!line) break;
      if (line.size === 0) return;
      bytesLeft = line.size;
      buffered = buffered.subarray(line.length);
    }
  }
  throw incompleteBody();
}

// A chunk's bytes end in a line end too, so the next size line may begin with one.
function nextSizeLine(buffered) {
  const start = buffered.indexOf(LINE_END) === 0 ? LINE_END.length : 0;
  const end = buffered.indexOf(LINE_END, start);
  if (end < 0) return null;
  const size = Number.parseInt(buffered.subarray(start, end).toString(), 16); // stops at `;chunk-signature=`
  if (Number.isNaN(size)) throw incompleteBody();
  return { size, length: end + LINE_END.length };
}

const incompleteBody = () => new S3Error(400, "IncompleteBody", "The body ends before it is complete");
