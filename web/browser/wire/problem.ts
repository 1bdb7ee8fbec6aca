import { asList, asRecord, asText } from "./read.ts";

/** What is wrong with one field of a request. */
export interface FieldProblem {
  readonly field: string;
  readonly detail: string;
  readonly next: string;
}

/** A refused or failed call, from an RFC 9457 problem document where the server sent one. Status 0 means that no answer came. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  /** What the caller can do about it. */
  readonly next: string;
  readonly fields: readonly FieldProblem[];
  /** Seconds after which it may be tried again; null where the server did not say. */
  readonly retryAfterS: number | null;

  constructor(status: number, body: unknown, retryAfterS: number | null = null) {
    const row = asRecord(body);
    const title = asText(row["title"], status === 0 ? "network" : `HTTP ${status}`);
    super(title);
    this.name = "ApiProblem";
    this.status = status;
    this.code = asText(row["code"]);
    this.title = title;
    this.detail = asText(row["detail"]);
    this.next = asText(row["next"]);
    this.fields = fieldsOf(row);
    this.retryAfterS = retryAfterS;
  }

  /** Problems of a field whatever way its path is written: `variables[0].unit`, `variables.0.unit`, `/variables/0/unit`. */
  of(field: string): FieldProblem | undefined {
    const wanted = fieldPath(field);
    return this.fields.find((row) => fieldPath(row.field) === wanted);
  }
}

function fieldsOf(row: Readonly<Record<string, unknown>>): FieldProblem[] {
  const many = asList(row["errors"], (item) => {
    const error = asRecord(item);
    const field = asText(error["field"], asText(error["path"]));
    return { field, detail: asText(error["detail"], asText(error["title"], asText(error["message"]))), next: asText(error["next"]) };
  });
  const field = asText(row["field"]);
  if (field === "" || many.some((other) => fieldPath(other.field) === fieldPath(field))) return many;
  return [{ field, detail: asText(row["detail"], asText(row["title"])), next: asText(row["next"]) }, ...many];
}

/** A field's path in one spelling: `variables.0.unit`. */
export function fieldPath(field: string): string {
  return field.replace(/^(body|query|params)[./]/, "").replace(/\[(\w+)\]/g, ".$1").replaceAll("/", ".").replace(/^[.#]+/, "");
}
