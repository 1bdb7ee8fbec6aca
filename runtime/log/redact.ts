/** What stands where a secret was. */
export const REDACTED = "[redacted]";

const MAX_DEPTH = 6;
const MAX_ENTRIES = 50;
const MAX_TEXT_CHARACTERS = 4000;

const secretKey = /pass(word|wd|phrase)|(^|[_-])pass$|secret|token|authori[sz]ation|cookie|credential|api[-_]?key|private[-_]?key|^pwd$|^auth$|^psk$|bearer|signature/i;
/** Counts and names around tokens are no secrets. */
const harmlessKey = /^(tokens|tokenname|tokenid|token_id|tokencount|tokensrequired)$/i;

const urlCredentials = /\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/@?#"'<>]+@/gi;
const bearer = /\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi;
const ownToken = /\bcdl_[\w-]{8,}/g;
const secretParameter = /([?&;](?:access_|api_?)?(?:token|key|password|secret|sig|signature)=)[^&\s"'#]+/gi;

/** The text without credentials of URLs, bearer tokens, and secrets in query strings. */
export function redactText(value: string): string {
  const short = value.length > MAX_TEXT_CHARACTERS ? `${value.slice(0, MAX_TEXT_CHARACTERS)}… (${value.length} characters)` : value;
  return short
    .replace(urlCredentials, `$1${REDACTED}@`)
    .replace(bearer, `$1 ${REDACTED}`)
    .replace(ownToken, `cdl_${REDACTED}`)
    .replace(secretParameter, `$1${REDACTED}`);
}

/** True when a field of this name holds a secret. */
export function isSecretKey(key: string): boolean {
  return secretKey.test(key) && !harmlessKey.test(key);
}

/** A copy to write: secrets out by key and by form, errors as plain objects, bytes as their length, bounded in depth, entries and length. */
export function redactFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return objectOf(fields, 0, new Set());
}

function valueOf(value: unknown, depth: number, above: Set<object>): unknown {
  if (typeof value === "string") return redactText(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "function" || typeof value === "symbol") return `[${typeof value}]`;
  if (typeof value !== "object" || value === null) return value;
  if (above.has(value)) return "[circular]";
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "invalid date" : value.toISOString();
  if (value instanceof URL) return redactText(value.href);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if (depth >= MAX_DEPTH) return "[deeper]";
  above.add(value);
  try {
    if (value instanceof Error) return errorOf(value, depth, above);
    if (Array.isArray(value) || value instanceof Set) return listOf([...value], depth, above);
    if (value instanceof Map) return objectOf(Object.fromEntries([...value].map(([key, item]) => [String(key), item as unknown])), depth, above);
    return objectOf(value as Record<string, unknown>, depth, above);
  } finally {
    above.delete(value);
  }
}

function objectOf(fields: Readonly<Record<string, unknown>>, depth: number, above: Set<object>): Record<string, unknown> {
  const entries = Object.entries(fields);
  const out: Record<string, unknown> = {};
  for (const [key, value] of entries.slice(0, MAX_ENTRIES)) {
    const secret = isSecretKey(key) && value !== undefined && value !== null && typeof value !== "boolean";
    out[key] = secret ? REDACTED : valueOf(value, depth + 1, above);
  }
  if (entries.length > MAX_ENTRIES) out["…"] = `${entries.length - MAX_ENTRIES} more`;
  return out;
}

function listOf(items: readonly unknown[], depth: number, above: Set<object>): unknown[] {
  const out = items.slice(0, MAX_ENTRIES).map((item) => valueOf(item, depth + 1, above));
  if (items.length > MAX_ENTRIES) out.push(`${items.length - MAX_ENTRIES} more`);
  return out;
}

function errorOf(error: Error, depth: number, above: Set<object>): Record<string, unknown> {
  const { name, message, stack, cause, ...rest } = error as Error & Record<string, unknown>;
  const own = objectOf(rest, depth, above);
  return {
    name,
    message: redactText(message),
    ...own,
    ...(stack === undefined ? {} : { stack: redactText(stack) }),
    ...(cause === undefined ? {} : { cause: valueOf(cause, depth + 1, above) }),
  };
}
