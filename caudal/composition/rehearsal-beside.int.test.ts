import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Compliance } from "@caudal/compliance";
import { systemScope } from "@caudal/core";
import { createLogger, type ApiRequest } from "@caudal/runtime";
import { until } from "../test-parts/until.ts";
import { parseAllSettings } from "./all-settings.ts";
import { openFoundation } from "./foundation.ts";
import { makeCompliance } from "./services.ts";

const asked = { scope: systemScope, principal: { name: "ana" }, params: {}, query: {} } as unknown as ApiRequest;

async function ask({ operations }: Compliance, operationId: string, request: ApiRequest = asked): Promise<unknown> {
  const operation = operations.find((each) => each.operationId === operationId);
  assert.ok(operation !== undefined, operationId);
  const reply = await operation.handle(request);
  return "body" in reply ? reply.body : undefined;
}

test("two that run over one installation: where one forgets a rehearsal, changes wait meanwhile, and both open the ledger anew", async (context) => {
  const dataDirectory = await mkdtemp(join(tmpdir(), "caudal-beside-"));
  const lines: string[] = [];
  const logger = createLogger({ level: "warn", destination: { write: (line: string) => void lines.push(line) } });
  const foundation = await openFoundation(["archive", "warm", "cold"], { dataDirectory, logger, settings: parseAllSettings({ env: { CAUDAL_DGA_MODE: "shadow" } }) });
  const both = [await makeCompliance(foundation), await makeCompliance(foundation)] as const;
  context.after(async () => {
    for (const each of both) await each.stop(5000);
    await foundation.close();
    await rm(dataDirectory, { recursive: true });
  });
  for (const each of both) await each.start();
  const before = both.map(({ parts }) => parts.slots);
  const [first, second] = both;
  await ask(first, "forgetRehearsal");
  await until("changes are kept out", async () => ask(first, "putSending", { ...asked, body: { on: true, reason: "x" } } as ApiRequest).then(() => undefined, (error: { code?: string }) => (error.code === "unavailable" ? true : undefined)));
  assert.ok(((await ask(first, "compliancePlan")) as { works: unknown[] }).works.length === 0, "what only reads goes on");
  await until("both opened it anew", () => (both.every(({ parts }, at) => parts.slots !== before[at]) ? true : undefined));
  assert.ok(lines.some((line) => line.includes("ledger.audience-changed")), "the other one saw it");
  await until("changes go on", async () => ask(second, "putSending", { ...asked, body: { on: true, reason: "x" } } as ApiRequest).then(() => true as const, () => undefined));
  const { items } = (await ask(first, "listComplianceJobs")) as { items: { state: string }[] };
  assert.deepEqual(items.map(({ state }) => state), ["done"]);
});
