// What the parts below Lite need to know about the request they work for, or tell about it.
import { AsyncLocalStorage } from "node:async_hooks";

const storage = new AsyncLocalStorage();

/** Runs `work` for one request; within it `requestContext()` answers that request's record. */
export function withRequestContext(request, work) {
  const range = request.method === "GET" ? request.headers.get("range") : null;
  return storage.run({ range, rangeIsUnsatisfiable: false, databaseError: null }, work);
}

export const requestContext = () => storage.getStore();
