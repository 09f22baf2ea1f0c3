// Writes S3's answers as XML, and reads the few elements that requests carry.

const NAMED = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const UNNAMED = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

const escape = (text) => String(text).replace(/[&<>"]/g, (character) => NAMED[character]);

const unescape = (text) =>
  text.replace(/&(?:(lt|gt|quot|apos|amp)|#(\d+));/g, (_, name, code) =>
    name ? UNNAMED[name] : String.fromCodePoint(Number(code)),
  );

// An array repeats its element; undefined leaves it out.
function element(name, content) {
  if (content === undefined) return "";
  if (Array.isArray(content)) return content.map((item) => element(name, item)).join("");
  return `<${name}>${typeof content === "object" ? elements(content) : escape(content)}</${name}>`;
}

const elements = (content) =>
  Object.entries(content)
    .map(([name, value]) => element(name, value))
    .join("");

export function xmlResponse(content, status = 200) {
  const text = `<?xml version="1.0" encoding="UTF-8"?>${elements(content)}`;
  return new Response(text, { status, headers: { "content-type": "application/xml" } });
}

/** The texts of all elements called `name`, in order. */
export function textsOf(xml, name) {
  return [...xml.matchAll(new RegExp(`<${name}>([\\s\\S]*?)</${name}>`, "g"))].map(([, text]) => unescape(text));
}
