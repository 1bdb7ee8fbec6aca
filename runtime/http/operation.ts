import type { Permission, Principal, Scope } from "@caudal/core";
import type { Request, Response } from "express";
import type { IncomingHttpHeaders } from "node:http";
import type { z } from "zod";
import type { Language, Text } from "../texts/language.ts";

/** A body that the handler reads by itself. It gets `request.raw`. */
export interface RawBody {
  readonly raw: true;
  /** A larger body is answered 413. */
  readonly maxBytes: number;
  /** Any other is answered 415. */
  readonly contentTypes: readonly string[];
}

/** One request, parsed: what does not fit the schemas never gets here. */
export interface ApiRequest<P = unknown, Q = unknown, B = unknown> {
  readonly principal: Principal;
  /** The principal's scope, for every store query. */
  readonly scope: Scope;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  /** The body's bytes; empty where the operation takes none. */
  readonly raw: Buffer;
  readonly headers: IncomingHttpHeaders;
  readonly language: Language;
  /** Aborted when the caller is gone or the server must let go. */
  readonly signal: AbortSignal;
  /** Microseconds since 1970 UTC at which the request came. */
  readonly receivedAtUs: number;
  readonly express: { readonly req: Request; readonly res: Response };
}

/** `streamed` says that the handler wrote the answer itself, whole. */
export type Reply =
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string | readonly string[]>> }
  | { readonly streamed: true };

export interface ReplyDoc {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** application/json when absent and there is a schema. */
  readonly contentTypes?: readonly string[];
}

export type Method = "GET" | "POST" | "PUT" | "DELETE";

/** One path and method, its schemas, who may call it, and what answers. */
export interface Operation {
  readonly method: Method;
  /** `/api/v1/points/{id}/config`; answers with a trailing slash too. */
  readonly path: string;
  readonly operationId: string;
  readonly tag: string;
  readonly summary: Text;
  /** `public` is open to those who are nobody. */
  readonly permission: Permission | "public";
  /** True: the handler checks what the caller shows by itself; tokens and sessions of ours are not looked at. With permission `public`. */
  readonly ownCredentials?: boolean;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType | RawBody;
  /** True: a request without a body is taken, `body` is then undefined. */
  readonly bodyOptional?: boolean;
  readonly replies: Readonly<Record<number, ReplyDoc>>;
  handle(request: ApiRequest): Promise<Reply> | Reply;
}

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined;
type ParsedBody<S, Optional> = S extends RawBody ? undefined : Optional extends true ? Parsed<S> | undefined : Parsed<S>;

type TypedOperation<P, Q, B, Optional> = Omit<Operation, "params" | "query" | "body" | "bodyOptional" | "handle"> & {
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly bodyOptional?: Optional;
  handle(request: ApiRequest<Parsed<P>, Parsed<Q>, ParsedBody<B, Optional>>): Promise<Reply> | Reply;
};

/** Declares an operation; the handler's request takes its types from the schemas. */
export function defineOperation<
  P extends z.ZodObject | undefined = undefined,
  Q extends z.ZodObject | undefined = undefined,
  B extends z.ZodType | RawBody | undefined = undefined,
  Optional extends boolean = false,
>(operation: TypedOperation<P, Q, B, Optional>): Operation {
  return operation as unknown as Operation;
}

export function isRawBody(body: Operation["body"]): body is RawBody {
  return body !== undefined && "raw" in body && body.raw === true;
}
