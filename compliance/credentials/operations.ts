import { formatInstant, type Scope } from "@caudal/core";
import { defineOperation, listOf, listReply, type Logger, type Operation, pagingQuery, Problem } from "@caudal/runtime";
import { z } from "zod";
import { regulatorNames } from "../obras/draft.ts";
import { MAX_PASSWORD_CHARACTERS, type CredentialStore, type CredentialView } from "./credential-store.ts";

const PATH = "/api/v1/compliance/credentials";
const tag = "compliance";

const params = z.object({ regulator: z.enum(regulatorNames), user: z.string().min(1).max(128) });
const viewSchema = z.object({ regulator: z.enum(regulatorNames), user: z.string(), setBy: z.string(), setAt: z.string(), readable: z.boolean().describe("false: sealed under a key that is not given.") });

function viewOf({ setAtUs, ...view }: CredentialView): z.input<typeof viewSchema> {
  return { ...view, setAt: formatInstant(setAtUs) };
}

/** An informant may answer for works of several clients, so passwords belong to the installation. */
function mustReachAll(scope: Scope): void {
  if (scope.clients !== "all") throw new Problem("forbidden", { detail: { en: "passwords of informants belong to the installation; a token of all clients is needed", es: "las contraseñas de informantes son de la instalación; se necesita un token de todos los clientes" } });
}

export interface CredentialOperationsOptions {
  readonly credentials: CredentialStore;
  readonly nowUs: () => number;
  /** Told who set or removed which user's. */
  readonly logger: Logger;
}

/** A password goes in and never comes out. */
export function credentialOperations({ credentials, nowUs, logger }: CredentialOperationsOptions): Operation[] {
  return [
    defineOperation({
      method: "GET", path: PATH, operationId: "listCredentials", tag, permission: "read",
      summary: { en: "Informants whose password is held, without it", es: "Informantes cuya contraseña está guardada, sin ella" },
      query: z.object(pagingQuery),
      replies: { 200: { description: "Users, by regulator", schema: listOf(viewSchema) } },
      handle: async ({ scope, query }) => {
        mustReachAll(scope);
        return listReply(await credentials.list(query), viewOf);
      },
    }),
    defineOperation({
      method: "PUT", path: `${PATH}/{regulator}/{user}`, operationId: "putCredentials", tag, permission: "administer", params,
      summary: { en: "Set an informant's password at a regulator", es: "Define la contraseña de un informante en un regulador" },
      body: z.strictObject({ password: z.string().min(1).max(MAX_PASSWORD_CHARACTERS) }),
      replies: { 204: { description: "It is held, encrypted" } },
      handle: async ({ principal, scope, params: { regulator, user }, body: { password } }) => {
        mustReachAll(scope);
        const set = await credentials.put(principal.name, regulator, { user, password }, nowUs());
        logger.info("credentials.set", { regulator, user: set.user, by: principal.name });
        return { status: 204 };
      },
    }),
    defineOperation({
      method: "DELETE", path: `${PATH}/{regulator}/{user}`, operationId: "removeCredentials", tag, permission: "administer", params,
      summary: { en: "Forget an informant's password", es: "Olvida la contraseña de un informante" },
      replies: { 204: { description: "It is not held any more" } },
      handle: async ({ principal, scope, params: { regulator, user } }) => {
        mustReachAll(scope);
        if (!(await credentials.remove(regulator, user))) throw new Problem("not-found", { field: "params.user", detail: `${regulator}/${user}` });
        logger.info("credentials.removed", { regulator, user, by: principal.name });
        return { status: 204 };
      },
    }),
  ];
}
