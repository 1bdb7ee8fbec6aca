import { defineOperation, type Operation } from "@caudal/runtime";
import { z } from "zod";

/** Mounted only where all services are one process. */
export function clearDemoOperation(clear: () => Promise<{ readonly points: number }>): Operation {
  return defineOperation({
    method: "POST", path: "/api/v1/demo/clear", operationId: "clearDemo", tag: "installation", permission: "administer",
    summary: { en: "Remove the demo fleet and its data", es: "Elimina la flota de demostración y sus datos" },
    replies: { 200: { description: "How many points were removed", schema: z.object({ points: z.number() }) } },
    handle: async () => ({ status: 200, body: await clear() }),
  });
}
