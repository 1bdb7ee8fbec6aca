import { CaudalError } from "@caudal/core";
import { fill, type Language, type Text } from "../texts/language.ts";
import { problems, type ProblemCode } from "../texts/problems.ts";

/** What is wrong with one field of a request. */
export interface FieldError {
  /** Where: `body.variables.0.unit`, `query.from`. */
  readonly field: string;
  readonly detail: string | Text;
}

export interface ProblemOptions {
  /** The catalogue's status for the code when absent. */
  readonly status?: number;
  /** What is wrong with this very request. Holds no secret. */
  readonly detail?: string | Text;
  readonly field?: string;
  /** The catalogue's next step for the code when absent. */
  readonly next?: string | Text;
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** An answer that is not what the caller hoped for: RFC 9457, with a stable code and the next step. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly status: number;
  readonly options: ProblemOptions;

  constructor(code: ProblemCode, options: ProblemOptions = {}) {
    const detail = options.detail === undefined ? problems[code].title.en : inLanguage(options.detail, "en");
    super(detail, { cause: options.cause });
    this.name = "Problem";
    this.code = code;
    this.status = options.status ?? problems[code].status;
    this.options = options;
  }
}

/** The body of an `application/problem+json` answer. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly code: ProblemCode;
  readonly field?: string;
  readonly next: string;
  readonly errors?: readonly { readonly field: string; readonly detail: string }[];
  readonly instance?: string;
}

export function problemDocument(problem: Problem, language: Language, instance?: string): ProblemDocument {
  const { detail, field, next, errors } = problem.options;
  const row = problems[problem.code];
  return {
    type: `urn:caudal:problem:${problem.code}`,
    title: fill(row.title, language),
    status: problem.status,
    ...(detail === undefined ? {} : { detail: inLanguage(detail, language) }),
    code: problem.code,
    ...(field === undefined ? {} : { field }),
    next: inLanguage(next ?? row.next, language),
    ...(errors === undefined ? {} : { errors: errors.map((error) => ({ field: error.field, detail: inLanguage(error.detail, language) })) }),
    ...(instance === undefined ? {} : { instance }),
  };
}

/** Title and next step of a code in a language, for rows that carry their own error. */
export function problemTexts(code: ProblemCode, language: Language): { readonly title: string; readonly next: string } {
  return { title: fill(problems[code].title, language), next: fill(problems[code].next, language) };
}

/** Any failure as a problem: a port's error by its code, an unexpected one as `internal` without its words. */
export function problemFrom(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof CaudalError) {
    const afterMs = error.afterMs ?? (error.retry === "yes" ? 1000 : undefined);
    const headers = afterMs === undefined ? {} : { headers: { "Retry-After": String(Math.max(1, Math.ceil(afterMs / 1000))) } };
    // What a store says of its own faults is for the log, not for a caller.
    const shown = problems[error.code].status < 500 ? { detail: error.message } : {};
    return new Problem(error.code, { ...headers, ...shown, cause: error });
  }
  if (isHttpError(error)) return fromExpress(error);
  return new Problem("internal", { cause: error });
}

function isHttpError(error: unknown): error is Error & { status: number } {
  return error instanceof Error && "status" in error && typeof error.status === "number" && error.status >= 400 && error.status < 500;
}

/** Failures that the router or a static handler throws by itself. */
function fromExpress(error: Error & { status: number }): Problem {
  if (error.status === 404) return new Problem("not-found", { cause: error });
  if (error.status === 403) return new Problem("forbidden", { cause: error });
  return new Problem(error instanceof URIError ? "bad-escape" : "bad-request", { cause: error });
}

function inLanguage(value: string | Text, language: Language): string {
  return typeof value === "string" ? value : value[language];
}
