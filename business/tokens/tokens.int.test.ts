import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { systemScope } from "@caudal/core";
import { hashToken } from "@caudal/runtime";
import { openScene, type Body, type Scene } from "../test-scene.ts";
import { MAX_TOKENS, TokenStore, type TokenRecord } from "./token-store.ts";

describe("access tokens", () => {
  let scene: Scene;
  before(async () => (scene = await openScene()));
  after(() => scene.close());

  const create = (body: unknown, token?: string): ReturnType<Scene["call"]> => scene.call("POST", "/api/v1/tokens", { body, ...(token === undefined ? {} : { token }) });
  const revoke = (name: string, token?: string): ReturnType<Scene["call"]> => scene.call("DELETE", `/api/v1/tokens/${encodeURIComponent(name)}`, token === undefined ? {} : { token });
  const listed = async (token?: string): Promise<Body[]> => (await scene.get("/api/v1/tokens", token)).body.items;

  test("one is made, shown once, and does what its role and clients allow until it is revoked", async () => {
    const made = await create({ name: " Planta norte ", role: "viewer", clients: ["acme"] });
    assert.equal(made.status, 201);
    const { token, ...view } = made.body;
    assert.match(token, /^cdl_[\w-]{43}$/);
    assert.deepEqual([view.name, view.role, view.clients, view.createdBy, view.revokedAt], ["Planta norte", "viewer", ["acme"], "local", null]);
    assert.deepEqual((await listed()).find(({ id }) => id === view.id), view);
    assert.deepEqual((await scene.get("/api/v1/session", token)).body, { name: "Planta norte", role: "viewer", clients: ["acme"] });
    assert.equal((await scene.get("/api/v1/tokens", token)).status, 403);
    const revoked = await revoke(view.id);
    assert.deepEqual([revoked.status, revoked.body.revokedAt !== null], [200, true]);
    const after = await scene.get("/api/v1/session", token);
    assert.deepEqual([after.status, after.body.code], [401, "invalid-token"]);
    assert.match(after.headers.get("www-authenticate") ?? "", /Bearer/);
    assert.equal((await listed()).find(({ id }) => id === view.id)?.revokedAt, revoked.body.revokedAt, "the list keeps it");
  });

  test("a name revokes one; of several it says so, and ids tell them apart", async () => {
    const [a, b] = [(await create({ name: "doble", role: "viewer", clients: "all" })).body, (await create({ name: "doble", role: "operator", clients: "all" })).body];
    const several = await revoke("doble");
    assert.deepEqual([several.status, several.body.code, several.body.field], [409, "ambiguous-token", "params.id"]);
    assert.match(several.body.next, /by its id/);
    assert.equal((await revoke(a.id)).status, 200);
    assert.equal((await revoke("doble")).body.id, b.id);
    const none = await revoke("doble");
    assert.deepEqual([none.status, none.body.code], [404, "token-not-found"]);
    assert.equal((await revoke(a.id.slice(0, 8))).status, 404, "a beginning of an id is none");
  });

  test("two who revoke at once: one does, the other finds nothing", async () => {
    const { id } = (await create({ name: "carrera", role: "viewer", clients: "all" })).body;
    assert.deepEqual((await Promise.all([revoke(id), revoke(id), revoke(id)])).map(({ status }) => status).sort(), [200, 404, 404]);
    const { id: other } = (await create({ name: "carrera", role: "viewer", clients: "all" })).body;
    const tokens = await scene.documents.collection<TokenRecord>({ name: "tokens", tenant: false });
    const late = await TokenStore.open({ close: async () => undefined, collections: async () => [], collection: async () => Object.assign(Object.create(tokens) as never, {
      find: async (...call: Parameters<typeof tokens.find>) => {
        const page = await tokens.find(...call);
        await revoke(other);
        return page;
      },
      replace: tokens.replace.bind(tokens),
    }) }, () => 1);
    await assert.rejects(late.revoke(other), { code: "not-found" });
  });

  test("what cannot be a token is refused by field, in the store too", async () => {
    const rows: [unknown, string][] = [
      [{ name: " ", role: "viewer", clients: "all" }, "body.name"], [{ name: "x", role: "boss", clients: "all" }, "body.role"], [{ name: "x", role: "viewer" }, "body.clients"],
      [{ name: "x", role: "viewer", clients: [] }, "body.clients"], [{ name: "x", role: "viewer", clients: ["Acme SpA"] }, "body.clients"], [{ name: "x", role: "viewer", clients: "all", token: "mine" }, "body"],
    ];
    for (const [body, field] of rows) {
      const answer = await create(body);
      assert.deepEqual([answer.status, answer.body.code], [400, "invalid-body"]);
      assert.ok(answer.body.field.startsWith(field), answer.body.field);
    }
    await assert.rejects(scene.tokens.create({ name: "x", role: "viewer", clients: ["Acme"], createdBy: "y" }), { code: "bad-request", message: /clients/ });
  });

  test("nobody makes, sees or revokes a token that reaches further than their own", async () => {
    const [wide, narrow] = [(await create({ name: "ancho", role: "viewer", clients: ["norte", "sur"] })).body, (await create({ name: "estrecho", role: "viewer", clients: ["norte"] })).body];
    const local = (await create({ name: "jefa norte", role: "admin", clients: ["norte"] })).body;
    for (const clients of ["all", ["sur"], ["norte", "sur"]]) {
      const answer = await create({ name: "más", role: "viewer", clients }, local.token);
      assert.deepEqual([answer.status, answer.body.code, answer.body.field], [403, "client-not-allowed", "body.clients"]);
    }
    assert.equal((await create({ name: "propio", role: "device", clients: ["norte"] }, local.token)).body.createdBy, "jefa norte");
    assert.deepEqual((await listed(local.token)).map(({ name }) => name), ["estrecho", "jefa norte", "propio"]);
    assert.equal((await revoke(wide.id, local.token)).status, 404);
    assert.equal((await revoke(narrow.id, local.token)).status, 200);
    assert.equal((await create({ name: "x", role: "viewer", clients: ["norte"] }, (await create({ name: "op", role: "operator", clients: "all" })).body.token)).status, 403);
  });

  test("the secret stands in no file, no line of the log and no row of the audit", async () => {
    const { id, token } = (await create({ name: "secreto", role: "viewer", clients: "all" })).body;
    await scene.get("/api/v1/points", token);
    await scene.get("/api/v1/points", `${token}x`);
    await scene.call("POST", "/api/v1/session", { body: { token } });
    await scene.call("POST", "/api/v1/session", { body: { token: `${token.slice(0, -1)}_` } });
    assert.equal((await scene.get(`/api/v1/points?token=${token}`)).body.code, "token-in-url");
    await revoke(id);
    const rows = (await scene.audited()).filter(({ target }) => target === id);
    assert.deepEqual(rows.map(({ action, client, change }) => [action, client, change]), [
      ["token.create", "installation", '{"name":"secreto","role":"viewer","clients":"all"}'], ["token.revoke", "installation", '{"name":"secreto"}'],
    ]);
    const secret = token.slice(4, 30);
    assert.ok(!JSON.stringify(rows).includes(hashToken(token)));
    assert.ok(scene.lines.length > 3 && scene.lines.every((line) => !line.includes(secret)), "the log");
    for (const name of await readdir(scene.folder)) {
      const bytes = await readFile(join(scene.folder, name));
      assert.ok(!bytes.includes(secret), name);
    }
  });

  test("there is a limit, told before anything is made; revoking makes room", async () => {
    const tokens = await scene.documents.collection<TokenRecord>({ name: "tokens", tenant: false });
    const live = await tokens.count(systemScope, { revokedAtUs: null });
    const body = { role: "viewer" as const, clients: "all" as const, createdAtUs: 1, createdBy: "test", revokedAtUs: null };
    await tokens.putMany(systemScope, Array.from({ length: MAX_TOKENS - live }, (_, at) => ({ id: hashToken(String(at)), body: { ...body, name: `relleno-${at}` } })));
    const answer = await create({ name: "uno más", role: "viewer", clients: "all" });
    assert.deepEqual([answer.status, answer.body.code], [409, "token-limit"]);
    assert.match(answer.body.next, /Revoke one/);
    await assert.rejects(scene.tokens.create({ name: "x", role: "viewer", clients: "all", createdBy: "y" }), { code: "bad-request", message: /1000 valid tokens already/ });
    const first = await scene.get("/api/v1/tokens");
    assert.deepEqual([first.body.items.length, first.body.next !== null], [1000, true]);
    const rest = await scene.get(`/api/v1/tokens?cursor=${encodeURIComponent(first.body.next)}`);
    assert.equal(new Set([...first.body.items, ...rest.body.items].map(({ id }: Body) => id)).size, (await scene.tokens.list()).length);
    assert.equal((await scene.get("/api/v1/tokens?cursor=x")).body.code, "invalid-cursor");
    assert.equal((await revoke("relleno-7")).status, 200);
    assert.equal((await create({ name: "uno más", role: "viewer", clients: "all" })).status, 201);
  });

  test("an installation knows whether it has a token that is valid", async (context) => {
    const fresh = await openScene();
    context.after(() => fresh.close());
    assert.equal(await fresh.tokens.any(), false);
    const { view } = await fresh.tokens.create({ name: "x", role: "admin", clients: "all", createdBy: "y" });
    assert.equal(await fresh.tokens.any(), true);
    await fresh.tokens.revoke(view.id);
    assert.equal(await fresh.tokens.any(), false);
  });
});
