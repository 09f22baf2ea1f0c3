// Finds the ports to listen on before anything is started, so that a taken port is one clear sentence.
import { createServer } from "node:net";

import { ExpectedError } from "./expected_error.mjs";

/** The wanted port if nobody listens on it; for 0, a port that is free now. */
export function freePort(wanted) {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", (error) =>
      reject(error.code === "EADDRINUSE" ? new ExpectedError(`Port ${wanted} is already taken.`) : error),
    );
    probe.listen(wanted, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
