import { allows, type Scope } from "@caudal/core";
import { defineOperation, type Operation } from "@caudal/runtime";
import { z } from "zod";
import type { ObraBook } from "../obras/obra-book.ts";
import { obraNotFound } from "../obras/operations.ts";
import type { InstallationMode } from "../settings.ts";
import type { SendSwitch } from "../submission/send-switch.ts";
import type { Submitter } from "../submission/submitter.ts";
import { mustSeeAll } from "./found.ts";
import { planSchema, planView, runSchema, runView, sendingSchema, sendingView, verifiedSchema, verifiedView } from "./sending-view.ts";

/** What sends, and what keeps it from sending. */
export interface Sending {
  readonly submitter: Pick<Submitter, "round" | "verifyRound" | "plan" | "breakers">;
  readonly sendSwitch: Pick<SendSwitch, "get" | "set">;
  /** What this installation does with what is due. */
  readonly mode: InstallationMode;
}

const PATH = "/api/v1/compliance";
const tag = "compliance";
const workBody = z.strictObject({ work: z.string().min(1).max(128).optional().describe("That work alone, `dga/OB-0602-7`.") });

/** The switch of all sending, what is still to come, and a round now rather than at its time. */
export function sendingOperations({ submitter, sendSwitch, obras }: Omit<Sending, "mode"> & { readonly obras: Pick<ObraBook, "get" | "all"> }): Operation[] {
  const mayReach = async (scope: Scope, work: string | undefined): Promise<void> => {
    if (work === undefined) mustSeeAll(scope);
    else if ((await obras.get(scope, work)) === undefined) throw obraNotFound(work);
  };
  return [
    defineOperation({
      method: "GET", path: `${PATH}/plan`, operationId: "compliancePlan", tag, permission: "read",
      summary: { en: "What waits to be sent of each work, when it goes next and when all of it will have gone", es: "Lo pendiente de envío de cada obra, cuándo sale lo próximo y cuándo habrá salido todo" },
      replies: { 200: { description: "Works with something waiting", schema: planSchema } },
      handle: async ({ scope }) => {
        const clients = new Map((await obras.all()).map(({ work, client }) => [work, client]));
        return { status: 200, body: planView(await submitter.plan(), (work) => allows(scope, clients.get(work) ?? "")) };
      },
    }),
    defineOperation({
      method: "GET", path: `${PATH}/sending`, operationId: "getSending", tag, permission: "read",
      summary: { en: "Whether anything is sent to regulators", es: "Si se envía algo a los reguladores" },
      replies: { 200: { description: "The switch, who threw it and why", schema: sendingSchema } },
      handle: async () => ({ status: 200, body: sendingView(await sendSwitch.get()) }),
    }),
    defineOperation({
      method: "PUT", path: `${PATH}/sending`, operationId: "putSending", tag, permission: "administer", body: z.strictObject({ on: z.boolean(), reason: z.string().trim().min(1).max(1000) }),
      summary: { en: "Switch all sending on or off; what is under way ends, nothing new begins", es: "Activa o apaga todo envío; lo que está en curso termina y no comienza nada nuevo" },
      replies: { 200: { description: "The switch as it is now", schema: sendingSchema } },
      handle: async ({ principal, scope, body: { on, reason } }) => {
        mustSeeAll(scope);
        return { status: 200, body: sendingView(await sendSwitch.set(on, principal.name, reason)) };
      },
    }),
    defineOperation({
      method: "POST", path: `${PATH}/run`, operationId: "runSubmissions", tag, permission: "configure", body: workBody, bodyOptional: true,
      summary: { en: "Send what is due now; pacing and the switch hold as ever", es: "Envía lo que corresponde ahora; el ritmo y el interruptor rigen como siempre" },
      replies: { 200: { description: "What came of it", schema: runSchema } },
      handle: async ({ scope, body }) => {
        await mayReach(scope, body?.work);
        return { status: 200, body: runView(await submitter.round(body)) };
      },
    }),
    defineOperation({
      method: "POST", path: `${PATH}/verify`, operationId: "verifySubmissions", tag, permission: "configure", body: workBody, bodyOptional: true,
      summary: { en: "Ask regulators what they hold of what was accepted; of one work also what was asked before", es: "Consulta a los reguladores lo que tienen de lo aceptado; de una obra, también lo ya consultado" },
      replies: { 200: { description: "What came of it", schema: verifiedSchema } },
      handle: async ({ scope, body }) => {
        await mayReach(scope, body?.work);
        return { status: 200, body: verifiedView(await submitter.verifyRound(body)) };
      },
    }),
  ];
}
