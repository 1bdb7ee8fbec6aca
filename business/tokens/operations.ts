import { formatInstant, hasCode, roles } from "@caudal/core";
import { defineOperation, listOf, listReply, type Operation, pagingQuery, Problem } from "@caudal/runtime";
import { z } from "zod";
import { INSTALLATION, type AuditTrail } from "../audit/audit-trail.ts";
import { newTokenSchema, reaches, type TokenStore, type TokenView } from "./token-store.ts";

const tokenSchema = z.object({
  id: z.string(), name: z.string(), role: z.enum(roles), clients: z.union([z.literal("all"), z.array(z.string())]),
  devices: z.array(z.string()).optional(), createdAt: z.string(), createdBy: z.string(), revokedAt: z.string().nullable(),
});

function viewOf({ id, name, role, clients, devices, createdAtUs, createdBy, revokedAtUs }: TokenView): z.input<typeof tokenSchema> {
  return { id, name, role, clients: clients === "all" ? clients : [...clients], ...(devices === undefined ? {} : { devices: [...devices] }), createdAt: formatInstant(createdAtUs), createdBy, revokedAt: revokedAtUs === null ? null : formatInstant(revokedAtUs) };
}

/** Nobody sees, makes or revokes a token that reaches further than they do. */
export function tokenOperations({ tokens, audit }: { tokens: TokenStore; audit: AuditTrail }): Operation[] {
  return [
    defineOperation({
      method: "GET", path: "/api/v1/tokens", operationId: "listTokens", tag: "access", permission: "administer",
      summary: { en: "Access tokens, oldest first, without their secrets", es: "Tokens de acceso, los más antiguos primero, sin sus secretos" },
      query: z.object({ ...pagingQuery, limit: pagingQuery.limit.default(1000) }),
      replies: { 200: { description: "The tokens, revoked ones too", schema: listOf(tokenSchema) } },
      handle: async ({ scope, query }) => listReply(await tokens.page(scope, query), viewOf),
    }),
    defineOperation({
      method: "POST", path: "/api/v1/tokens", operationId: "createToken", tag: "access", permission: "administer",
      summary: { en: "Create an access token; it is shown this once", es: "Crea un token de acceso; se muestra esta única vez" },
      body: newTokenSchema,
      replies: { 201: { description: "The token in clear", schema: tokenSchema.extend({ token: z.string() }) }, 409: { description: "There are as many as there may be" } },
      handle: async ({ principal, scope, body }) => {
        if (!reaches(scope, body.clients)) throw new Problem("client-not-allowed", { field: "body.clients" });
        if (await tokens.full()) throw new Problem("token-limit");
        const { token, view } = await tokens.create({ ...body, createdBy: principal.name });
        await audit.record(principal, { client: INSTALLATION, action: "token.create", target: view.id, change: body });
        return { status: 201, body: { ...viewOf(view), token } };
      },
    }),
    defineOperation({
      method: "DELETE", path: "/api/v1/tokens/{id}", operationId: "revokeToken", tag: "access", permission: "administer",
      summary: { en: "Revoke an access token, by its id or its name", es: "Revoca un token de acceso, por su id o su nombre" },
      params: z.object({ id: z.string().min(1).max(128) }),
      replies: { 200: { description: "The revoked token", schema: tokenSchema }, 409: { description: "Several have this name" } },
      handle: async ({ principal, scope, params }) => {
        const view = await tokens.revoke(params.id, scope).catch((error: unknown) => {
          if (hasCode(error, "not-found")) throw new Problem("token-not-found", { field: "params.id", detail: params.id });
          if (hasCode(error, "bad-request")) throw new Problem("ambiguous-token", { field: "params.id", detail: params.id });
          throw error;
        });
        await audit.record(principal, { client: INSTALLATION, action: "token.revoke", target: view.id, change: { name: view.name } });
        return { status: 200, body: viewOf(view) };
      },
    }),
  ];
}
