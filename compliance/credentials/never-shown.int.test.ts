import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import { test } from "node:test";
import { systemScope } from "@caudal/core";
import { openScene } from "../test-scene.ts";

const PASSWORD = "Synthetic-Clave-91x";
const FORMS = [PASSWORD, Buffer.from(PASSWORD).toString("base64").slice(0, 22), Buffer.from(PASSWORD).toString("hex"), encodeURIComponent(PASSWORD)];

function mustBeAbsent(text: string, where: string): void {
  for (const form of FORMS) assert.ok(!text.includes(form), `the password stands in ${where}`);
}

test("vector P18: a password is in no answer, no log line, no error, no document and no file", async (t) => {
  const scene = await openScene();
  t.after(() => scene.close());
  const answers = [
    await scene.call("PUT", "/credentials/dga/12345678-5", { body: { password: PASSWORD } }),
    await scene.call("PUT", "/credentials/dga/12345678-5", { body: { password: PASSWORD, pasword: PASSWORD } }),
    await scene.call("PUT", "/credentials/dga/12345678-9", { body: { password: PASSWORD } }),
    await scene.call("PUT", "/credentials/dga/12345678-5", { raw: `{"password": "${PASSWORD}"` }),
    await scene.call("PUT", "/credentials/dga/12345678-5", { raw: `password=${PASSWORD}`, type: "application/x-www-form-urlencoded" }),
    await scene.call("PUT", "/credentials/dga/12345678-5", { body: { password: PASSWORD.repeat(100) } }),
    await scene.call("PUT", "/credentials/dga/12345678-5", { body: { password: PASSWORD }, token: scene.token("operator", "all") }),
    await scene.call("PUT", "/credentials/dga/12345678-5", { body: { password: PASSWORD }, token: scene.token("admin", ["acme"]) }),
    await scene.call("GET", "/credentials"),
    await scene.call("GET", "/obras"),
  ];
  assert.deepEqual(answers.map(({ status }) => status), [204, 400, 400, 400, 415, 400, 403, 403, 200, 200]);
  assert.deepEqual(answers[8]?.body.items, [{ regulator: "dga", user: "12345678-5", setBy: "local", setAt: "2026-05-28T20:26:40Z", readable: true }]);
  for (const [at, { text, headers }] of answers.entries()) mustBeAbsent(text + JSON.stringify([...headers]), `answer ${at}`);
  for (const path of ["/metrics", "/openapi.json", "/health"]) {
    const answer = await fetch(scene.baseUrl + path);
    assert.equal(answer.status, 200);
    mustBeAbsent(await answer.text(), path);
  }
  assert.ok(scene.lines.length >= answers.length);
  assert.ok(scene.lines.some((line) => line.includes('"credentials.set"') && line.includes("12345678-5") && line.includes('"by":"local"')), "who set it is told");
  mustBeAbsent(scene.lines.join("\n"), "the log");
  assert.equal((await scene.credentials.get("dga", "12345678-5"))?.password, PASSWORD, "and it is held");
  mustBeAbsent(inspect(scene.credentials, { depth: 6, showHidden: true }), "the store as it is shown");
  for (const { name, tenant } of await scene.documents.collections()) {
    const { items } = await (await scene.documents.collection({ name, tenant })).find(systemScope, { limit: 1000 });
    mustBeAbsent(JSON.stringify(items), `the documents of ${name}`);
  }
  for (const name of await readdir(scene.folder, { recursive: true })) {
    const bytes = await readFile(join(scene.folder, name)).catch(() => Buffer.alloc(0));
    mustBeAbsent(bytes.toString("latin1"), name);
  }
});

test("passwords belong to the installation: set and forgotten by its administrators only, told to nobody else", async (t) => {
  const scene = await openScene();
  t.after(() => scene.close());
  const [admin, local, auditor] = [scene.token("admin", "all"), scene.token("admin", ["acme"]), scene.token("auditor", "all")];
  assert.equal((await scene.call("PUT", "/credentials/sma/planta", { body: { password: PASSWORD }, token: admin })).status, 204);
  assert.equal((await scene.call("GET", "/credentials", { token: auditor })).body.items.length, 1);
  assert.equal((await scene.call("GET", "/credentials", { token: local })).status, 403);
  for (const token of [local, auditor]) assert.equal((await scene.call("DELETE", "/credentials/sma/planta", { token })).status, 403);
  assert.equal((await scene.call("DELETE", "/credentials/sma/planta", { token: admin })).status, 204);
  assert.equal((await scene.call("DELETE", "/credentials/sma/planta", { token: admin })).status, 404);
});
