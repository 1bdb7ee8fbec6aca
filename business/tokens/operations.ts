import { formatInstant, roles } from "@caudal/core";
import { defineOperation, endedSessionCookie, Problem, principalOf, sessionCookie, type Operation } from "@caudal/runtime";
import { z } from "zod";
import { INSTALLATION, type AuditTrail } from "../audit/audit-trail.ts";
import type { TokenStore, TokenView } from "./token-store.ts";

const clientsSchema = z.union([z.literal("all"), z.array(z.string().min(1).max(128)).min(1).max(1000)]);
const tokenSchema = z.object({
  id: z.string(), name: z.string(), role: z.enum(roles), clients: clientsSchema,
  createdAt: z.string(), createdBy: z.string(), revokedAt: z.string().nullable(),
});
const principalSchema = z.object({ name: z.string(), role: z.enum(roles), clients: clientsSchema });
const newTokenSchema = z.object({ name: z.string().trim().min(1).max(128), role: z.enum(roles), clients: clientsSchema });

function viewOf({ id, name, role, clients, createdAtUs, createdBy, revokedAtUs }: TokenView): z.input<typeof tokenSchema> {
  return { id, name, role, clients: clients === "all" ? clients : [...clients], createdAt: formatInstant(createdAtUs), createdBy, revokedAt: revokedAtUs === null ? null : formatInstant(revokedAtUs) };
}

export function tokenOperations({ tokens, audit }: { tokens: TokenStore; audit: AuditTrail }): Operation[] {
  return [
    defineOperation({
      method: "GET", path: "/api/v1/tokens", operationId: "listTokens", tag: "access", permission: "administer",
      summary: { en: "Access tokens, without their secrets", es: "Tokens de acceso, sin sus secretos" },
      replies: { 200: { description: "The tokens", schema: z.object({ items: z.array(tokenSchema), next: z.null() }) } },
      handle: async () => ({ status: 200, body: { items: (await tokens.list()).map(viewOf), next: null } }),
    }),
    defineOperation({
      method: "POST", path: "/api/v1/tokens", operationId: "createToken", tag: "access", permission: "administer",
      summary: { en: "Create an access token; it is shown this once", es: "Crea un token de acceso; se muestra esta única vez" },
      body: newTokenSchema,
      replies: { 201: { description: "The token in clear", schema: tokenSchema.extend({ token: z.string() }) } },
      handle: async ({ principal, body }) => {
        const { token, view } = await tokens.create({ ...body, createdBy: principal.name });
        await audit.record(principal, { client: INSTALLATION, action: "token.create", target: view.id, change: body });
        return { status: 201, body: { ...viewOf(view), token } };
      },
    }),
    defineOperation({
      method: "DELETE", path: "/api/v1/tokens/{id}", operationId: "revokeToken", tag: "access", permission: "administer",
      summary: { en: "Revoke an access token", es: "Revoca un token de acceso" },
      params: z.object({ id: z.string().min(1).max(128) }),
      replies: { 200: { description: "The revoked token", schema: tokenSchema } },
      handle: async ({ principal, params }) => {
        const view = await tokens.revoke(params.id);
        await audit.record(principal, { client: INSTALLATION, action: "token.revoke", target: view.id, change: null });
        return { status: 200, body: viewOf(view) };
      },
    }),
  ];
}

/** A token typed once becomes a cookie that scripts cannot read. */
export function sessionOperations({ tokens }: { tokens: TokenStore }): Operation[] {
  return [
    defineOperation({
      method: "GET", path: "/api/v1/session", operationId: "getSession", tag: "access", permission: "read",
      summary: { en: "Who is signed in", es: "Quién tiene la sesión" },
      replies: { 200: { description: "The principal", schema: principalSchema } },
      handle: ({ principal: { name, role, scope } }) => ({ status: 200, body: { name, role, clients: scope.clients } }),
    }),
    defineOperation({
      method: "POST", path: "/api/v1/session", operationId: "openSession", tag: "access", permission: "public",
      summary: { en: "Sign in with a token", es: "Inicia sesión con un token" },
      body: z.object({ token: z.string().min(1).max(200) }),
      replies: { 200: { description: "Signed in; the cookie is set", schema: principalSchema } },
      handle: async ({ body, express }) => {
        const principal = await principalOf(body.token, tokens.lookup);
        if (principal === undefined) throw new Problem("invalid-token");
        const { name, role, scope } = principal;
        return { status: 200, body: { name, role, clients: scope.clients }, headers: { "Set-Cookie": sessionCookie(body.token, { secure: express.req.secure }) } };
      },
    }),
    defineOperation({
      method: "DELETE", path: "/api/v1/session", operationId: "closeSession", tag: "access", permission: "public",
      summary: { en: "Sign out", es: "Cierra la sesión" },
      replies: { 204: { description: "Signed out" } },
      handle: ({ express }) => ({ status: 204, headers: { "Set-Cookie": endedSessionCookie({ secure: express.req.secure }) } }),
    }),
  ];
}
