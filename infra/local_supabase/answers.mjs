// Small ways to make, forward and change requests and answers.

/** `response` with another JSON body, and another status if one is given. */
export function withJson(response, body, status = response.status) {
  const headers = new Headers(response.headers);
  headers.delete("content-length");
  headers.set("content-type", "application/json; charset=utf-8");
  return new Response(JSON.stringify(body), { status, headers });
}

/** `request` with another body, and perhaps other headers and another URL. */
export function withBody(request, body, { headers: changed = {}, url = request.url } = {}) {
  const headers = new Headers(request.headers);
  headers.delete("content-length");
  for (const [name, value] of Object.entries(changed)) headers.set(name, value);
  // A body that is a stream goes on while the request is being answered, which has to be said.
  return new Request(url, { method: request.method, headers, body, duplex: "half" });
}

/** How Storage tells an error, whatever it is. */
export function storageError(error, message, status = 400) {
  return Response.json({ statusCode: String(status), error, message }, { status });
}
