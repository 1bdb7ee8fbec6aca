import { roles, type Principal } from "@caudal/core";
import { createBuckets, defineOperation, endedSessionCookie, principalOf, Problem, sessionCookie, type Clock, type Operation, type TokenLookup } from "@caudal/runtime";
import { z } from "zod";

const principalSchema = z.object({ name: z.string(), role: z.enum(roles), clients: z.union([z.literal("all"), z.array(z.string())]) });

/** Wrong tokens a minute of one address that are answered; more wait. */
const FAILURES_PER_MINUTE = 30;

function viewOf({ name, role, scope }: Principal): z.input<typeof principalSchema> {
  return { name, role, clients: scope.clients === "all" ? "all" : [...scope.clients] };
}

/** A token typed once becomes a cookie that scripts cannot read. */
export function sessionOperations({ lookup, clock }: { lookup: TokenLookup; clock: Clock }): Operation[] {
  const failures = createBuckets({ perS: FAILURES_PER_MINUTE / 60, burst: FAILURES_PER_MINUTE, clock });
  return [
    defineOperation({
      method: "GET", path: "/api/v1/session", operationId: "getSession", tag: "access", permission: "read",
      summary: { en: "Who is signed in", es: "Quién tiene la sesión" },
      replies: { 200: { description: "The principal", schema: principalSchema } },
      handle: ({ principal }) => ({ status: 200, body: viewOf(principal) }),
    }),
    defineOperation({
      method: "POST", path: "/api/v1/session", operationId: "openSession", tag: "access", permission: "public",
      summary: { en: "Sign in with a token", es: "Inicia sesión con un token" },
      body: z.object({ token: z.string().trim().min(1).max(200) }),
      replies: { 200: { description: "Signed in; the cookie is set", schema: principalSchema }, 401: { description: "The token is not valid" }, 429: { description: "Too many wrong tokens" } },
      handle: async ({ body, express: { req } }) => {
        const address = req.socket.remoteAddress ?? "";
        const waitMs = failures.peek(address);
        if (waitMs > 0) throw new Problem("too-many-requests", { headers: { "Retry-After": String(Math.ceil(waitMs / 1000)) } });
        const principal = await principalOf(body.token, lookup);
        if (principal === undefined) {
          failures.take(address);
          throw new Problem("invalid-token", { field: "body.token" });
        }
        return { status: 200, body: viewOf(principal), headers: { "Set-Cookie": sessionCookie(body.token, { secure: req.secure }) } };
      },
    }),
    defineOperation({
      method: "DELETE", path: "/api/v1/session", operationId: "closeSession", tag: "access", permission: "public",
      summary: { en: "Sign out", es: "Cierra la sesión" },
      replies: { 204: { description: "Signed out" } },
      handle: ({ express: { req } }) => ({ status: 204, headers: { "Set-Cookie": endedSessionCookie({ secure: req.secure }) } }),
    }),
  ];
}
