// JSON Web Tokens signed with HMAC-SHA256, the kind that Lite makes for sessions and signed URLs.
import { createHmac, timingSafeEqual } from "node:crypto";

const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const signature = (text, secret) => createHmac("sha256", secret).update(text).digest();

export function signToken(claims, secret) {
  const text = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
  return `${text}.${signature(text, secret).toString("base64url")}`;
}

export function claimsOf(token) {
  return JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
}

/** Whether `token` was signed with `secret` and has not expired. */
export function isValidToken(token, secret) {
  const [header, payload, given, ...rest] = token.split(".");
  if (!header || !payload || !given || rest.length) return false;
  const wanted = signature(`${header}.${payload}`, secret);
  const actual = Buffer.from(given, "base64url");
  if (actual.length !== wanted.length || !timingSafeEqual(actual, wanted)) return false;
  return claimsOf(token).exp > Date.now() / 1000;
}
