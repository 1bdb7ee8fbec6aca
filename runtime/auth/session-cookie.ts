import type { IncomingMessage } from "node:http";

const NAME = "caudal_session";

export interface SessionCookieOptions {
  /** True where the browser speaks TLS to us. */
  readonly secure: boolean;
  /** Seconds that the browser keeps it; a session of the browser when absent. */
  readonly maxAgeS?: number;
}

/** A `Set-Cookie` value that scripts cannot read and other sites cannot send. */
export function sessionCookie(token: string, options: SessionCookieOptions): string {
  const age = options.maxAgeS === undefined ? "" : `; Max-Age=${Math.floor(options.maxAgeS)}`;
  return `${NAME}=${token}; Path=/; HttpOnly; SameSite=Strict${options.secure ? "; Secure" : ""}${age}`;
}

/** A `Set-Cookie` value that ends the session. */
export function endedSessionCookie(options: { readonly secure: boolean }): string {
  return sessionCookie("", { ...options, maxAgeS: 0 });
}

/** The session's token, or undefined. */
export function sessionOf(request: Pick<IncomingMessage, "headers">): string | undefined {
  for (const pair of (request.headers.cookie ?? "").split(";")) {
    const [name, value] = pair.trim().split("=", 2);
    if (name === NAME && value !== undefined && value !== "") return value;
  }
  return undefined;
}
