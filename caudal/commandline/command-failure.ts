import { CaudalError, type ErrorCode } from "@caudal/core";
import { Problem, problemDocument, text, type Language } from "@caudal/runtime";

export interface FailureOptions {
  /** What the person can do about it, in their language. */
  readonly next?: string | undefined;
  readonly cause?: unknown;
}

/** An expected failure of a command, already in the person's language. */
export class CommandFailure extends CaudalError {
  readonly next: string | undefined;

  constructor(code: ErrorCode, message: string, { next, cause }: FailureOptions = {}) {
    super(code, message, { cause });
    this.name = "CommandFailure";
    this.next = next;
  }
}

/** A failure as a person or a program is told it. */
export interface ToldFailure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly next: string;
}

/** What is told of a problem: an installation's answer, or the same where the work is done in this process. */
export interface ToldProblem {
  readonly title?: string | undefined;
  readonly detail?: string | undefined;
  readonly next?: string | undefined;
  readonly field?: string | undefined;
}

const codeOfStatus: Record<number, ErrorCode> = {
  400: "bad-request", 401: "forbidden", 403: "forbidden", 404: "not-found", 409: "version-conflict", 412: "version-conflict", 413: "too-large", 415: "bad-request", 422: "bad-request",
};

export function problemFailure(status: number, { title = `HTTP ${status}`, field, detail, next }: ToldProblem, cause?: unknown): CommandFailure {
  return new CommandFailure(codeOfStatus[status] ?? "unavailable", [title, field, detail].filter((word) => word !== undefined && word !== "").join(": "), { next, cause });
}

const nextTexts = { setting: "next.setting", "in-use": "next.in-use", corrupt: "next.corrupt", unavailable: "next.unavailable" } as const;

/** Any expected failure with its next step. What a port says is English; its title stands before it for whoever reads Spanish. */
export function toldFailure(error: CaudalError, language: Language): ToldFailure {
  const { code } = error;
  const own = code in nextTexts ? nextTexts[code as keyof typeof nextTexts] : undefined;
  const next = (error instanceof CommandFailure ? error.next : undefined) ?? text(language, own ?? `problem.${code}.next`);
  const translated = error instanceof CommandFailure || language === "en";
  return { code, message: translated ? error.message : `${text(language, `problem.${code}`)}: ${error.message}`, next };
}

const fileFaults = new Set(["EACCES", "EPERM", "EROFS", "ENOTDIR", "EISDIR", "EEXIST", "ENOENT", "ENOSPC", "EDQUOT"]);

/** The failure behind an error where there is one to tell: a port's, or a file that the system does not let us have. Undefined for a bug. */
export function expectedFailure(error: unknown, language: Language): CaudalError | undefined {
  if (error instanceof CaudalError) return error;
  if (error instanceof Problem) return problemFailure(error.status, problemDocument(error, language), error);
  if (!(error instanceof Error && "code" in error && "path" in error && typeof error.code === "string" && fileFaults.has(error.code))) return undefined;
  const values = { path: String(error.path), why: error.code };
  return new CommandFailure("unavailable", text(language, "cli.file-fault", values), { next: text(language, "cli.file-fault.next"), cause: error });
}
