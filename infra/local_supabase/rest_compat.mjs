// REST errors as PostgREST tells them. Lite answers many of PostgreSQL's errors as 500 with code "SUP", among
// them a plain `raise exception` and a failed check, and drops the hints of others.
import { withJson } from "./answers.mjs";
import { requestContext } from "./request_context.mjs";

// PostgREST's own table, the first match counts; what is not in it is 400.
const STATUSES = [
  [/^(23503|23505)$/, 409],
  [/^(42883|42P01)$/, 404],
  [/^25006$/, 405],
  [/^P0001$/, 400],
  [/^(0L|0P|28)/, 403],
  [/^(08|53(?!400)|57P01)/, 503],
  [/^(09|21|25|2D|38|39|3B|40|53|54|55|57|58|F0|HV|P0|XX|42P17|PT)/, 500],
];

export function createRest({ app }) {
  return async (request, _url, connection) => {
    const response = await app.fetch(request, connection);
    const error = requestContext().databaseError;
    return response.status >= 400 && error ? tellDatabaseError(response, error) : response;
  };
}

async function tellDatabaseError(response, error) {
  const told = await response.json();
  const isTold = told.code === error.code; // then Lite has worded it as PostgREST does
  const body = {
    code: error.code,
    details: error.detail ?? null,
    hint: error.hint ?? null,
    message: isTold ? told.message : error.message,
  };
  // Permission denied is 401 for anon and 403 for others, and only Lite knows who asks.
  return withJson(response, body, error.code === "42501" && isTold ? response.status : statusOf(error.code));
}

function statusOf(code) {
  const chosen = /^PT([2-5]\d\d)$/.exec(code); // `raise … using errcode = 'PT409'` chooses the status itself
  if (chosen) return Number(chosen[1]);
  return STATUSES.find(([pattern]) => pattern.test(code))?.[1] ?? 400;
}
