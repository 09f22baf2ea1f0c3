// Storage's object calls as hosted Storage answers them, where Lite differs: signed URLs, whole uploads by
// form, folders in lists, downloads under a name and by range.
import { storageError, withBody, withJson } from "./answers.mjs";
import { foldIntoFolders } from "./folders.mjs";
import { FormError, readFormUpload } from "./form_upload.mjs";
import { requestContext } from "./request_context.mjs";
import { isValidToken } from "./tokens.mjs";

const EVERY_ROW = 1_000_000;
const DEFAULT_CACHE_SECONDS = 3600;
const MISSING = "Either the object does not exist or you do not have access to it";

// Clients put /storage/v1 in front themselves.
const clientUrl = (liteUrl) => liteUrl.replace(/^\/storage\/v1/, "");

const encodePath = (path) => path.split("/").map(encodeURIComponent).join("/");

export function createStorage({ app, jwtSecret }) {
  const forward = (request) => app.fetch(request, null);

  async function list(request) {
    const { prefix: wanted = "", limit, offset, search, sortBy } = await request.json();
    const prefix = wanted && !wanted.endsWith("/") ? `${wanted}/` : wanted;
    const everything = JSON.stringify({ prefix, limit: EVERY_ROW, offset: 0, sortBy });
    const response = await forward(withBody(request, everything));
    if (!response.ok) return response;
    return withJson(response, foldIntoFolders(await response.json(), { prefix, search, limit, offset }));
  }

  async function signOne(request) {
    const response = await forward(request);
    if (!response.ok) return response;
    const { signedUrl } = await response.json();
    return withJson(response, { signedURL: clientUrl(signedUrl) });
  }

  async function signMany(request, url) {
    const { paths, expiresIn } = await request.json();
    const answers = [];
    for (const path of paths) {
      const single = `${url.origin}${url.pathname}/${encodePath(path)}`;
      const response = await forward(withBody(request, JSON.stringify({ expiresIn }), { url: single }));
      const signedURL = response.ok ? clientUrl((await response.json()).signedUrl) : null;
      answers.push({ error: signedURL ? null : MISSING, path, signedURL });
    }
    return Response.json(answers);
  }

  async function signUpload(request) {
    const response = await forward(request);
    if (!response.ok) return response;
    const { signedUrl, token } = await response.json();
    return withJson(response, { url: clientUrl(signedUrl), token });
  }

  // Lite would store a PUT form with its envelope, and ignore the cache control of a POST form.
  async function uploadForm(request) {
    try {
      const { fields, type, size, content, readToEnd } = await readFormUpload(request);
      const headers = {
        "content-type": type ?? "application/octet-stream",
        "cache-control": `max-age=${fields.cacheControl ?? DEFAULT_CACHE_SECONDS}`,
        ...(size !== undefined && { "content-length": String(size) }),
      };
      const response = await forward(withBody(request, content, { headers }));
      await readToEnd(); // a client that is refused may not listen before it has sent everything
      return response;
    } catch (error) {
      if (error instanceof FormError) return error.toResponse();
      throw error;
    }
  }

  async function downloadSigned(request, url) {
    const isValid = () => isValidToken(url.searchParams.get("token") ?? "", jwtSecret);
    const response = isValid() ? await download(request, url) : null;
    // A token that expires between this look at it and Lite's own has expired.
    if (!response?.ok && !isValid()) return storageError("InvalidJWT", "The token is invalid or has expired");
    if (response.status !== 403) return response;
    return storageError("InvalidSignature", "The token is for another object");
  }

  async function download(request, url) {
    const response = await forward(request);
    if (!response.ok) return response;
    if (requestContext().rangeIsUnsatisfiable) {
      return storageError("InvalidRange", "The range starts past the end", 416);
    }
    const headers = new Headers(response.headers);
    const name = url.searchParams.get("download");
    if (name !== null) headers.set("content-disposition", attachment(name || lastPart(url.pathname)));
    return new Response(response.body, { status: headers.has("content-range") ? 206 : 200, headers });
  }

  return (request, url) => {
    const call = url.pathname.slice("/storage/v1/object/".length);
    if (request.method === "POST" && call.startsWith("list/")) return list(request);
    if (request.method === "POST" && /^sign\/[^/]+$/.test(call)) return signMany(request, url);
    if (request.method === "POST" && call.startsWith("sign/")) return signOne(request);
    if (request.method === "POST" && call.startsWith("upload/sign/")) return signUpload(request);
    if (isForm(request)) return uploadForm(request);
    if (request.method === "GET" && call.startsWith("sign/")) return downloadSigned(request, url);
    if (request.method === "GET" && !call.startsWith("info/")) return download(request, url);
    return forward(request);
  };
}

const isForm = (request) =>
  ["POST", "PUT"].includes(request.method) &&
  (request.headers.get("content-type") ?? "").startsWith("multipart/form-data");

const lastPart = (path) => decodeURIComponent(path.split("/").pop());

// Old clients read the ASCII name, all others the exact one.
function attachment(name) {
  const ascii = name.replace(/[^\x20-\x7e]|["\\]/g, "_");
  const exact = encodeURIComponent(name).replace(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
  return `attachment; filename="${ascii}"; filename*=UTF-8''${exact}`;
}
