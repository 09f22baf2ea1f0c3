// Reads a `Range` header of one range; what it cannot read counts as no range at all, as HTTP allows.

/** Null, `{ isUnsatisfiable: true }`, or the first and last byte as `{ start, end }`. */
export function parseRange(header, size) {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (!first && !last) return null;
  const start = first ? Number(first) : Math.max(0, size - Number(last));
  const end = first && last ? Math.min(Number(last), size - 1) : size - 1;
  return start > end ? { isUnsatisfiable: true } : { start, end };
}
