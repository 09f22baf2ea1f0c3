// The admin calls for users (create, list, get, update, delete), for the secret key only.
import { randomUUID } from "node:crypto";

import bcrypt from "bcryptjs";
import { sql } from "kysely";

const BCRYPT_ROUNDS = 10; // as hosted Auth
const DEFAULT_PAGE_SIZE = 50;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function createAuthAdmin({ app, database, keys, path }) {
  const users = new Users(database.kysely);

  async function create(request, url) {
    const wanted = await request.json();
    const response = await app.fetch(signUpRequest(wanted, url), null);
    if (!response.ok) return response;
    const { user } = await response.json();
    await users.update(user.id, { app_metadata: wanted.app_metadata });
    return Response.json(toUser(await users.find(user.id)));
  }

  function signUpRequest({ email, password = randomUUID(), user_metadata: data }, url) {
    return new Request(`${url.origin}/auth/v1/signup`, {
      method: "POST",
      headers: { apikey: keys.publishable_key, "content-type": "application/json" },
      body: JSON.stringify({ email, password, data }),
    });
  }

  async function list(url) {
    const page = Number(url.searchParams.get("page") || 1);
    const pageSize = Number(url.searchParams.get("per_page") || DEFAULT_PAGE_SIZE);
    const rows = await users.list({ limit: pageSize, offset: (page - 1) * pageSize });
    return Response.json({ users: rows.map(toUser), aud: "authenticated" });
  }

  const ofOne = {
    GET: async (user) => Response.json(toUser(user)),
    PUT: async (user, request) => {
      await users.update(user.id, await request.json());
      return Response.json(toUser(await users.find(user.id)));
    },
    DELETE: async (user) => {
      await users.remove(user.id);
      return Response.json({});
    },
  };

  return async (request, url) => {
    if (request.headers.get("apikey") !== keys.secret_key) return refusal(403, "not_admin", "User not allowed");
    const id = url.pathname.slice(path.length + 1);
    if (!id && request.method === "POST") return create(request, url);
    if (!id && request.method === "GET") return list(url);
    const answer = ofOne[request.method];
    if (!id || !answer) return refusal(405, "method_not_allowed", "Method not allowed");
    const user = UUID.test(id) && (await users.find(id));
    return user ? answer(user, request) : refusal(404, "user_not_found", "User not found");
  };
}

const refusal = (status, error_code, msg) => Response.json({ code: status, error_code, msg }, { status });

class Users {
  constructor(kysely) {
    this.kysely = kysely;
  }

  async find(id) {
    const { rows } = await sql`select * from auth.users where id = ${id}::uuid`.execute(this.kysely);
    return rows[0];
  }

  async list({ limit, offset }) {
    const query = sql`select * from auth.users order by created_at desc limit ${limit} offset ${offset}`;
    return (await query.execute(this.kysely)).rows;
  }

  /** Metadata is merged into what is there, as Auth does. */
  async update(id, { email, password, app_metadata = {}, user_metadata = {} }) {
    const hash = password ? await bcrypt.hash(password, BCRYPT_ROUNDS) : null;
    await sql`
      update auth.users set
        email = coalesce(${email ?? null}, email),
        encrypted_password = coalesce(${hash}, encrypted_password),
        raw_app_meta_data = coalesce(raw_app_meta_data, '{}') || ${JSON.stringify(app_metadata)}::jsonb,
        raw_user_meta_data = coalesce(raw_user_meta_data, '{}') || ${JSON.stringify(user_metadata)}::jsonb,
        updated_at = now()
      where id = ${id}::uuid`.execute(this.kysely);
  }

  async remove(id) {
    await sql`delete from auth.users where id = ${id}::uuid`.execute(this.kysely);
  }
}

function toUser(row) {
  return {
    id: row.id,
    aud: row.aud,
    role: row.role,
    email: row.email,
    phone: row.phone ?? "",
    email_confirmed_at: row.email_confirmed_at,
    last_sign_in_at: row.last_sign_in_at,
    app_metadata: row.raw_app_meta_data ?? {},
    user_metadata: row.raw_user_meta_data ?? {},
    identities: [],
    created_at: row.created_at,
    updated_at: row.updated_at,
    is_anonymous: false,
  };
}
