// How column values are written in answers: as PostgREST writes them, through options of the PostgreSQL
// driver.

const MAX_CONNECTIONS = 10;

// '2026-01-02 03:04:05+00' -> '2026-01-02T03:04:05+00:00'
const isoTime = (text) => text.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00");

// numeric '1.5000' is the JSON number 1.5; NaN and infinities have no JSON number and stay text.
const numberOrText = (text) => (Number.isFinite(Number(text)) ? Number(text) : text);

const byteaHex = (value) => (typeof value === "string" ? value : `\\x${Buffer.from(value).toString("hex")}`);

// Lite hands over JSON that is text already; encoding it again would store a JSON string.
const jsonText = (value) => (typeof value === "string" ? value : JSON.stringify(value));

const unchanged = (value) => value;

const columnType = (oid, parse, serialize = unchanged) => ({ to: oid, from: [oid], parse, serialize });

export const postgresOptions = {
  max: MAX_CONNECTIONS,
  onnotice: () => {}, // "already exists, skipping" at every start
  types: {
    bytea: columnType(17, unchanged, byteaHex),
    json: columnType(114, JSON.parse, jsonText),
    jsonb: columnType(3802, JSON.parse, jsonText),
    numeric: columnType(1700, numberOrText, String),
    timestamp: columnType(1114, isoTime),
    timestamptz: columnType(1184, isoTime),
  },
};
