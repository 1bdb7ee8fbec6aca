import assert from "node:assert/strict";
import { test } from "node:test";
import { allows, may, roles, systemScope, type Principal } from "./principal.ts";

test("a scope allows its own clients and no other", () => {
  assert.ok(allows({ clients: ["demo"] }, "demo"));
  assert.ok(!allows({ clients: ["demo"] }, "demo2"));
  assert.ok(!allows({ clients: [] }, "demo"));
  assert.ok(allows(systemScope, "whoever"));
});

test("a device may send and nothing else; only admins administer; auditors change nothing", () => {
  const as = (role: Principal["role"]): Principal => ({ name: role, role, scope: systemScope });
  assert.deepEqual((["read", "send", "configure", "review", "administer"] as const).map((permission) => may(as("device"), permission)), [false, true, false, false, false]);
  assert.deepEqual(roles.filter((role) => may(as(role), "administer")), ["admin"]);
  assert.ok(may(as("auditor"), "read"));
  for (const changing of ["configure", "review", "send", "administer"] as const) assert.ok(!may(as("auditor"), changing), changing);
  assert.deepEqual(roles.filter((role) => may(as(role), "review")), ["admin", "operator", "compliance"]);
});
