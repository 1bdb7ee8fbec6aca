import { createHash } from "node:crypto";
import { CaudalError } from "@caudal/core";

/** A schema in the two spellings that matter. */
export interface SchemaText {
  /** As it is sent: no white space, members as they were. Apicurio gives another spelling another id, so this one must not vary. */
  readonly sent: string;
  /** Equal for equal schemas: members of objects by name. */
  readonly canonical: string;
}

/** CaudalError "bad-request" for text that is no JSON. */
export function schemaText(subject: string, json: string): SchemaText {
  try {
    return { sent: JSON.stringify(JSON.parse(json)), canonical: canonical(json) };
  } catch (error) {
    throw new CaudalError("bad-request", `the schema for subject ${subject} is no JSON`, { cause: error });
  }
}

/** Throws when the text is no JSON. */
export function canonical(json: string): string {
  return JSON.stringify(JSON.parse(json), (_, value: unknown) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
