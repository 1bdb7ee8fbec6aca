import type { IncomingMessage } from "node:http";
import type { z } from "zod";
import { parseJsonBytes } from "./json-text.ts";
import { isRawBody, type Operation } from "./operation.ts";
import { Problem } from "./problem.ts";

/** Bytes of a body of JSON at most, where an operation says nothing else. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** Reads the body that the operation takes; `goOn` is called before the first byte is awaited. Throws Problems 400, 413 and 415; of a body that is too large nothing more is kept. */
export async function readBody(request: IncomingMessage, operation: Operation, goOn: () => void): Promise<{ raw: Buffer; json: unknown }> {
  const body = operation.body;
  if (body === undefined) return { raw: Buffer.alloc(0), json: undefined };
  const raw = isRawBody(body);
  const empty = request.headers["transfer-encoding"] === undefined && Number(request.headers["content-length"] ?? 0) === 0;
  if (empty && operation.bodyOptional === true) return { raw: Buffer.alloc(0), json: undefined };
  if (!empty) checkContentType(request, raw ? body.contentTypes : ["application/json"]);
  const bytes = await readBytes(request, raw ? body.maxBytes : MAX_BODY_BYTES, goOn);
  return { raw: bytes, json: raw ? undefined : parsedJson(bytes) };
}

function parsedJson(bytes: Buffer): unknown {
  const parsed = parseJsonBytes(bytes);
  if (!parsed.ok) throw new Problem(parsed.why, { detail: parsed.detail, field: "body" });
  return parsed.value;
}

/** Media type of the request without its parameters, lower case; empty when it names none. */
export function mediaTypeOf(request: Pick<IncomingMessage, "headers">): string {
  return (request.headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

function checkContentType(request: IncomingMessage, accepted: readonly string[]): void {
  const encoding = request.headers["content-encoding"]?.trim().toLowerCase();
  if (encoding !== undefined && encoding !== "" && encoding !== "identity") {
    throw new Problem("unsupported-encoding", { detail: `Content-Encoding: ${encoding}`.slice(0, 100), headers: { "Accept-Encoding": "identity" } });
  }
  const given = mediaTypeOf(request);
  const fits = accepted.includes(given) || (accepted.includes("application/json") && /^application\/[\w.-]+\+json$/.test(given));
  if (fits) return;
  const list = accepted.join(", ");
  throw new Problem("unsupported-media-type", {
    detail: { en: `read here: ${list}`, es: `aquí se lee: ${list}` },
    headers: { Accept: list },
  });
}

async function readBytes(request: IncomingMessage, maxBytes: number, goOn: () => void): Promise<Buffer> {
  const tooLarge = (): Problem =>
    new Problem("too-large", { detail: { en: `the body may have at most ${maxBytes} bytes`, es: `el cuerpo puede tener como máximo ${maxBytes} bytes` } });
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) throw tooLarge();
  goOn();
  const chunks: Buffer[] = [];
  let bytes = 0;
  // The events and not the async iterator, which would destroy the socket under the answer that says what was wrong.
  return new Promise((resolve, reject) => {
    const done = (settle: () => void): void => {
      request.off("data", onData).off("end", onEnd).off("close", onClose).off("error", onClose);
      settle();
    };
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > maxBytes) done(() => reject(tooLarge()));
      else chunks.push(chunk);
    };
    const onEnd = (): void => done(() => resolve(Buffer.concat(chunks, bytes)));
    const onClose = (): void => done(() => reject(new Problem("request-timeout")));
    request.on("data", onData).on("end", onEnd).on("close", onClose).on("error", onClose);
  });
}

/** Parses with the schema; issues become errors by field, in the caller's language. */
export function parseWith<S extends z.ZodType>(schema: S, value: unknown, options: {
  readonly where: "params" | "query" | "body";
  readonly messages: z.core.$ZodErrorMap;
}): z.output<S> {
  const result = schema.safeParse(value, { error: options.messages });
  if (result.success) return result.data;
  const errors = result.error.issues.slice(0, 20).map((issue) => ({
    field: [options.where, ...issue.path.map(String)].join("."),
    detail: issue.message,
  }));
  const first = errors[0];
  throw new Problem(options.where === "body" ? "invalid-body" : "invalid-parameter", {
    ...(first === undefined ? {} : { field: first.field, detail: `${first.field}: ${first.detail}` }),
    errors,
  });
}
