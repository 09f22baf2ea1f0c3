// The front door: hands each request to the part that answers it as hosted Supabase would.
import { createAuth } from "./auth_compat.mjs";
import { withRequestContext } from "./request_context.mjs";
import { createRest } from "./rest_compat.mjs";
import { createS3 } from "./s3.mjs";
import { createStorage } from "./storage_compat.mjs";

export function createGateway({ app, database, files, keys, origin }) {
  const routes = [
    ["/storage/v1/s3", createS3({ database, files, accessKey: keys.s3_access_key })],
    ["/storage/v1/object", createStorage({ app, jwtSecret: keys.jwt_secret })],
    ["/auth/v1", createAuth({ app, database, keys, issuer: `${origin}/auth/v1` })],
    ["/rest/v1", createRest({ app })],
    // Would show the database's address with its password to anyone.
    ["/_system", async () => new Response("Not Found", { status: 404 })],
    ["", (request, _url, connection) => app.fetch(request, connection)],
  ];

  return (request, connection) => {
    const url = new URL(request.url);
    const [, answer] = routes.find(([prefix]) => isBelow(url.pathname, prefix));
    return withRequestContext(request, () => answer(request, url, connection));
  };
}

const isBelow = (path, prefix) => path.startsWith(prefix) && ["/", undefined].includes(path[prefix.length]);
