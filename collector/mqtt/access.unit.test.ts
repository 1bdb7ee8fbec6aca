import assert from "node:assert/strict";
import { test } from "node:test";
import type { Principal } from "@caudal/core";
import { heldTo, judgePublish, maySubscribe, onlyDevice } from "./access.ts";
import { parseMappings } from "./mapping-file.ts";
import { MappingTable } from "./mapping-table.ts";

const mappings = new MappingTable(parseMappings(`
mappings:
  - { name: own, topic: "caudal/{client}/{device}/readings", format: any, client: "{client}", device: "{device}" }
  - { name: telemetry, topic: "telemetry/{provider}/{device}/data", format: any, device: "{device}" }
  - { name: nameless, topic: sensores/flujo, format: json }
`));
const logger: Principal = { name: "logger", role: "device", scope: { clients: ["acme"] }, devices: ["W-07"] };
const gateway: Principal = { name: "gateway", role: "device", scope: { clients: ["acme"] }, devices: ["W-*", "gw"] };
const fleet: Principal = { name: "fleet", role: "device", scope: { clients: ["acme"] } };
const verdict = (principal: Principal, topic: string): string => {
  const judged = judgePublish(principal, topic, mappings);
  return typeof judged === "string" ? judged : judged.identity === true ? "foreign" : "refused";
};

test("a device publishes to its own topics only, whatever its payload says", () => {
  assert.equal(verdict(logger, "caudal/acme/W-07/readings"), "intake");
  assert.equal(verdict(logger, "telemetry/x/W-07/data"), "intake");
  assert.equal(verdict(logger, "caudal/acme/W-07/reading"), "intake", "a mistake under its own topics is kept");
  for (const topic of ["caudal/acme/W-08/readings", "caudal/beta/W-07/readings", "caudal/acme/W-0/readings", "caudal/acme/W-077/readings", "telemetry/x/W-08/data", "sensores/flujo", "caudal/acme/W-08/reading", "home/lamp"]) {
    assert.equal(verdict(logger, topic), "foreign", topic);
  }
  assert.equal(verdict(logger, "$SYS/x"), "refused");
});

test("a gateway is allowed what it is given, and a token for a whole client all of it", () => {
  for (const topic of ["caudal/acme/W-08/readings", "caudal/acme/gw/readings", "telemetry/x/W-1/data"]) assert.equal(verdict(gateway, topic), "intake", topic);
  for (const topic of ["caudal/acme/X-1/readings", "caudal/acme/gw2/readings", "sensores/flujo"]) assert.equal(verdict(gateway, topic), "foreign", topic);
  for (const topic of ["caudal/acme/X-1/readings", "sensores/flujo"]) assert.equal(verdict(fleet, topic), "intake", topic);
  assert.equal(verdict(fleet, "caudal/beta/X-1/readings"), "foreign");
  assert.equal(verdict({ ...logger, scope: { clients: "all" } }, "home/lamp"), "foreign", "of all clients, and still one device");
});

test("a device sees its own commands and nothing else", () => {
  for (const filter of ["caudal/acme/W-07/commands", "caudal/acme/W-07/commands/#", "spBv1.0/plant/NCMD/W-07", "spBv1.0/plant/DCMD/W-07/#"]) assert.equal(maySubscribe(logger, filter), true, filter);
  for (const filter of ["#", "caudal/#", "caudal/acme/#", "caudal/acme/+/commands", "caudal/acme/W-08/commands", "caudal/beta/W-07/commands", "caudal/acme/W-07/readings", "caudal/+/W-07/commands", "spBv1.0/+/NCMD/W-07", "spBv1.0/plant/NCMD/+", "spBv1.0/plant/DDATA/W-07"]) {
    assert.equal(maySubscribe(logger, filter), false, filter);
  }
  assert.equal(maySubscribe(gateway, "caudal/acme/W-1/commands"), true);
  assert.equal(maySubscribe(gateway, "caudal/acme/+/commands"), false, "the other devices' commands are not its own");
  assert.equal(maySubscribe(fleet, "caudal/acme/+/commands"), true);
  assert.equal(maySubscribe(fleet, "caudal/beta/+/commands"), false);
});

test("a user name that says a device holds its connection to it", () => {
  const held = heldTo(fleet, "acme/W-07") ?? assert.fail();
  assert.deepEqual([held.scope, held.devices], [{ clients: ["acme"] }, ["W-07"]]);
  assert.equal(verdict(held, "caudal/acme/W-08/readings"), "foreign");
  for (const username of ["beta/W-07", "acme/", "acme/W-*", "acme/+", "ACME/W-07", "acme/a/b"]) assert.equal(heldTo(fleet, username), undefined, username);
  assert.equal(heldTo(gateway, "acme/X-1"), undefined);
  assert.deepEqual(heldTo(gateway, "acme/W-1")?.devices, ["W-1"]);
  for (const username of [undefined, "", "whoever", "/x"]) assert.equal(heldTo(fleet, username), fleet);
  const operator: Principal = { name: "ana", role: "operator", scope: { clients: "all" } };
  assert.equal(heldTo(operator, "acme/W-07"), operator, "people are no devices");
});

test("who is one device", () => {
  assert.deepEqual(onlyDevice(logger), { client: "acme", device: "W-07" });
  for (const principal of [gateway, fleet, { ...logger, devices: ["W-*"] }, { ...logger, scope: { clients: "all" } as const }]) assert.equal(onlyDevice(principal), undefined);
});
