import { allows, heldDevices, heldPage, deviceKey, type HeldDevice, type Scope } from "@caudal/core";
import { defineOperation, listOf, listReply, type Operation, pagingQuery, Problem, siftPage } from "@caudal/runtime";
import { z } from "zod";
import { applyConfiguration } from "./apply.ts";
import { appliedSchema, applySchema, askedSchema } from "./body.ts";
import { clientSchema, heldSchema } from "./document.ts";
import type { ConfigurationParts } from "./parts.ts";

type HeldView = z.input<typeof heldSchema>;
const PATH = "/api/v1/configuration";

/** The whole configuration, for files: read in pages, compared, and applied by compare and set. */
export function configurationOperations(options: ConfigurationParts): Operation[] {
  const { directory: { collections }, presence } = options;
  const views = async (scope: Scope, held: readonly (HeldDevice | undefined)[]): Promise<(HeldView | null)[]> => {
    const ids = held.flatMap((one) => (one === undefined ? [] : [deviceKey(one.stated.client, one.stated.device)]));
    const heard = new Set((await presence.getMany(scope, ids)).map(({ id }) => id));
    return held.map((one) => (one === undefined ? null : { document: one.stated, tag: one.tag, adopted: one.device?.body.state === "active", heard: heard.has(deviceKey(one.stated.client, one.stated.device)) }));
  };

  return [
    defineOperation({
      method: "GET", path: PATH, operationId: "listConfiguration", tag: "configuration", permission: "read",
      summary: { en: "What people said of adopted devices and their points, by id", es: "Lo que se indicó de los dispositivos adoptados y sus puntos, por id" },
      query: z.object({ client: z.string().max(128).optional(), ...pagingQuery }),
      replies: { 200: { description: "Configurations; a page may hold fewer than asked for", schema: listOf(heldSchema) } },
      handle: async ({ scope, query: { client, ...paging } }) => {
        const page = await siftPage(paging, (at) => heldPage(collections, scope, client === undefined ? at : { client, ...at }));
        return listReply({ ...page, items: await views(scope, page.items) }, (view) => view);
      },
    }),
    defineOperation({
      method: "GET", path: `${PATH}/clients`, operationId: "listConfiguredClients", tag: "configuration", permission: "read",
      summary: { en: "Clients and their names", es: "Clientes y sus nombres" },
      query: z.object(pagingQuery),
      replies: { 200: { description: "Clients, by id", schema: listOf(clientSchema) } },
      handle: async ({ scope, query }) => listReply(await siftPage(query, (at) => collections.clients.find(scope, at)), ({ body: { client, name } }) => ({ client, name })),
    }),
    defineOperation({
      method: "POST", path: `${PATH}/read`, operationId: "readConfiguration", tag: "configuration", permission: "read", body: askedSchema,
      summary: { en: "The configuration of some devices", es: "La configuración de algunos dispositivos" },
      replies: { 200: { description: "In the order asked; null where there is none", schema: z.object({ items: z.array(heldSchema.nullable()) }) } },
      handle: async ({ scope, body: { devices } }) => ({ status: 200, body: { items: await views(scope, await heldDevices(collections, scope, devices)) } }),
    }),
    defineOperation({
      method: "POST", path: PATH, operationId: "applyConfiguration", tag: "configuration", permission: "configure", body: applySchema,
      summary: { en: "Make configurations what is said, each by compare and set", es: "Deja las configuraciones como se indica, cada una por comparación y cambio" },
      replies: { 200: { description: "What became of each. Where one is refused, none is written", schema: appliedSchema } },
      handle: async ({ principal, scope, body, language, signal }) => {
        const foreign = [...(body.clients ?? []), ...(body.devices ?? []).map(({ document }) => document), ...(body.remove ?? [])].find(({ client }) => !allows(scope, client));
        if (foreign !== undefined) throw new Problem("forbidden", { detail: foreign.client.slice(0, 128) });
        return { status: 200, body: await applyConfiguration(body, { ...options, principal, language, signal }) };
      },
    }),
  ];
}
