// Auth as GoTrue answers it: access tokens with all their claims, and the admin calls for users, which Lite
// lacks.
import { withJson } from "./answers.mjs";
import { createAuthAdmin } from "./auth_admin.mjs";
import { claimsOf, signToken } from "./tokens.mjs";

const ADMIN_USERS = "/auth/v1/admin/users";

export function createAuth({ app, database, keys, issuer }) {
  const admin = createAuthAdmin({ app, database, keys, path: ADMIN_USERS });

  return async (request, url, connection) => {
    if (url.pathname.startsWith(ADMIN_USERS)) return admin(request, url);
    const response = await app.fetch(request, connection);
    const makesSession = request.method === "POST" && /\/(token|signup|verify)$/.test(url.pathname);
    return makesSession && response.ok ? withFullToken(response, issuer, keys.jwt_secret) : response;
  };
}

async function withFullToken(response, issuer, secret) {
  const session = await response.json();
  if (session.access_token) {
    const claims = fullClaims(claimsOf(session.access_token), session.user, issuer);
    session.access_token = signToken(claims, secret);
  }
  return withJson(response, session);
}

function fullClaims(claims, user, issuer) {
  return {
    iss: issuer,
    ...claims,
    phone: user.phone ?? "",
    app_metadata: user.app_metadata ?? {},
    user_metadata: user.user_metadata ?? {},
    aal: "aal1",
    amr: [{ method: "password", timestamp: claims.iat }],
    is_anonymous: false,
  };
}
