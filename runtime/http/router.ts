import express, { type NextFunction, type Request, type Response, type Router } from "express";
import { answer, type AnswerContext } from "./answer.ts";
import type { Operation } from "./operation.ts";
import { Problem } from "./problem.ts";

/** What the layers of a server tell each other about a request. */
export interface RequestNotes {
  /** Operation for metrics and the log; `static`, `refused` or `none` when no operation served it. */
  operation: string;
  /** Methods of the operations whose path fits but whose method does not. */
  allow: Set<string>;
}

const notes = new WeakMap<Request, RequestNotes>();

export function notesOf(request: Request): RequestNotes {
  let found = notes.get(request);
  if (found === undefined) {
    found = { operation: "none", allow: new Set() };
    notes.set(request, found);
  }
  return found;
}

/** Serves the operations; falls through when no path fits, 405 when a path fits and its method does not. Throws on two operations of one path and method, or one id. */
export function createOperationRouter(operations: readonly Operation[], context: AnswerContext): Router {
  const router = express.Router({ caseSensitive: true, strict: false });
  for (const [path, methods] of byPath(operations)) {
    router.all(expressPath(path), async (request: Request, response: Response, next: NextFunction) => {
      const operation = methods.get(request.method === "HEAD" ? "GET" : request.method);
      const noted = notesOf(request);
      if (operation === undefined) {
        for (const method of methods.keys()) noted.allow.add(method);
        if (methods.has("GET")) noted.allow.add("HEAD");
        noted.allow.add("OPTIONS");
        return next();
      }
      noted.operation = operation.operationId;
      await answer(operation, request, response, context);
    });
  }
  router.use((request: Request, response: Response, next: NextFunction) => {
    const { allow } = notesOf(request);
    if (allow.size === 0) return next();
    const header = [...allow].sort().join(", ");
    if (request.method !== "OPTIONS") throw new Problem("method-not-allowed", { headers: { Allow: header }, detail: request.method });
    response.status(204).setHeader("Allow", header).end();
  });
  return router;
}

function byPath(operations: readonly Operation[]): [string, Map<string, Operation>][] {
  const paths = new Map<string, Map<string, Operation>>();
  const ids = new Set<string>();
  for (const operation of operations) {
    const methods = paths.get(operation.path) ?? new Map<string, Operation>();
    if (methods.has(operation.method)) throw new Error(`two operations serve ${operation.method} ${operation.path}`);
    if (ids.has(operation.operationId)) throw new Error(`two operations are called ${operation.operationId}`);
    ids.add(operation.operationId);
    methods.set(operation.method, operation);
    paths.set(operation.path, methods);
  }
  return [...paths].sort(([a], [b]) => compareSegments(a.split("/"), b.split("/")));
}

/** Written segments before parameters, so that `/parked/replay` is not taken for a parked event of that id. */
function compareSegments(a: readonly string[], b: readonly string[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const left = a[index] ?? "";
    const right = b[index] ?? "";
    if (left === right) continue;
    return Number(left.includes("{")) - Number(right.includes("{")) || (left < right ? -1 : 1);
  }
  return 0;
}

function expressPath(path: string): string {
  if (!/^\/(?:[\w.-]|\/|\{[A-Za-z_]\w*\})*$/.test(path)) throw new Error(`${path} is not a path of an operation`);
  return path.replace(/\{(\w+)\}/g, ":$1");
}
