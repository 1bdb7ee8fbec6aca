import { may, type Principal } from "@caudal/core";
import type { Request, Response } from "express";
import type { IncomingMessage } from "node:http";
import { z } from "zod";
import { anonymousPrincipal, type Authenticate } from "../auth/authenticate.ts";
import type { Clock } from "../clock/clock.ts";
import type { Language } from "../texts/language.ts";
import type { ActiveRequests } from "./active-requests.ts";
import { parseWith, readBody } from "./body.ts";
import type { TokenBuckets } from "./limits.ts";
import { isRawBody, type ApiRequest, type Operation } from "./operation.ts";
import { Problem, problemFrom } from "./problem.ts";
import { sendReply } from "./send.ts";

/** What every answer of a server needs. */
export interface AnswerContext {
  readonly authenticate: Authenticate;
  readonly active: ActiveRequests;
  readonly authFailures: TokenBuckets;
  readonly clock: Clock;
  languageOf(request: Request): Language;
}

const messages: Record<Language, z.core.$ZodErrorMap> = { en: z.locales.en().localeError, es: z.locales.es().localeError };

/** Serves one request of one operation. Rejects with what went wrong; nothing was written then, unless the handler did. */
export async function answer(operation: Operation, request: Request, response: Response, context: AnswerContext): Promise<void> {
  const receivedAtUs = context.clock.nowUs();
  const language = context.languageOf(request);
  const signal = context.active.begin(response);
  const principal = await identify(operation, request, context);
  const where = { messages: messages[language] };
  const params = operation.params === undefined ? undefined : parseWith(operation.params, request.params, { where: "params", ...where });
  const query = operation.query === undefined ? undefined : parseWith(operation.query, queryOf(request), { where: "query", ...where });
  const { raw, json } = await readBody(request, operation, () => {
    if (request.headers.expect?.toLowerCase() === "100-continue") response.writeContinue();
  });
  const parsesBody = operation.body !== undefined && !isRawBody(operation.body) && !(json === undefined && operation.bodyOptional === true);
  const body: unknown = parsesBody ? parseWith(operation.body as z.ZodType, json, { where: "body", ...where }) : undefined;
  const apiRequest: ApiRequest = {
    principal, scope: principal.scope, params, query, body, raw, headers: request.headers, language, signal, receivedAtUs,
    express: { req: request, res: response },
  };
  const reply = await operation.handle(apiRequest);
  if (!("streamed" in reply) && !response.destroyed) sendReply(request, response, reply);
}

async function identify(operation: Operation, request: Request, context: AnswerContext): Promise<Principal> {
  if (operation.ownCredentials === true) return anonymousPrincipal;
  const principal = await authenticated(request, context).catch((error: unknown) => {
    // Whoever signs in anew with an old token in hand must get through to where that is done.
    if (operation.permission === "public" && problemFrom(error).status === 401) return undefined;
    throw error;
  });
  if (operation.permission === "public") return principal ?? anonymousPrincipal;
  return permitted(principal, operation.permission);
}

/** The principal, or a Problem 401 or 403. */
export function permitted(principal: Principal | undefined, permission: Exclude<Operation["permission"], "public">): Principal {
  if (principal === undefined) throw new Problem("unauthenticated");
  if (may(principal, permission)) return principal;
  throw new Problem("forbidden", {
    detail: { en: `the role ${principal.role} may not ${permission}`, es: `el rol ${principal.role} no tiene el permiso ${permission}` },
  });
}

/** Asks who it is, and slows down whoever guesses tokens. */
export async function authenticated(request: IncomingMessage, context: Pick<AnswerContext, "authenticate" | "authFailures">): Promise<Principal | undefined> {
  const address = request.socket.remoteAddress ?? "";
  const waitMs = context.authFailures.peek(address);
  if (waitMs > 0 && request.headers.authorization !== undefined) {
    throw new Problem("too-many-requests", { headers: { "Retry-After": String(Math.ceil(waitMs / 1000)) } });
  }
  try {
    return await context.authenticate(request);
  } catch (error) {
    if (error instanceof Problem && error.status === 401) context.authFailures.take(address);
    throw error;
  }
}

function queryOf(request: Request): Record<string, string | string[]> {
  const question = request.url.indexOf("?");
  const values: Record<string, string | string[]> = Object.create(null) as Record<string, string | string[]>;
  if (question === -1) return values;
  for (const [name, value] of new URLSearchParams(request.url.slice(question + 1))) {
    const before = values[name];
    if (before === undefined) values[name] = value;
    else if (Array.isArray(before)) before.push(value);
    else values[name] = [before, value];
  }
  return values;
}
