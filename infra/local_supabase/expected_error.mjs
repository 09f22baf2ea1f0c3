// A failure that a person can mend from its sentence alone; the stack trace would only hide it.
export class ExpectedError extends Error {
  expected = true;
}
