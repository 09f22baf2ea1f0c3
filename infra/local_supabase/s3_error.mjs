// A refusal in S3's own words.
import { xmlResponse } from "./s3_xml.mjs";

export class S3Error extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }

  toResponse(method) {
    if (method === "HEAD") return new Response(null, { status: this.status });
    return xmlResponse({ Error: { Code: this.code, Message: this.message } }, this.status);
  }
}

export const notImplemented = () => new S3Error(501, "NotImplemented", "The local S3 does not know this call");
