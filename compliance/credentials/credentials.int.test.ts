import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { systemScope } from "@caudal/core";
import { onEachStore } from "../ledger/test-stores/each-store.ts";
import { CredentialStore } from "./credential-store.ts";
import { seal, unseal } from "./sealed-text.ts";
import { openSecretsKey, readSecretsKey, secretsKey } from "./secrets-key.ts";

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "caudal-credentials-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test("a sealed text opens for what it is about, under its key, unchanged, and for nothing else", () => {
  const key = secretsKey(randomBytes(32));
  const sealed = seal("clave-ñ", ["dga", "12345678-5"], key);
  assert.equal(unseal(sealed, ["dga", "12345678-5"], key), "clave-ñ");
  assert.equal(unseal(sealed, ["sma", "12345678-5"], key), undefined);
  assert.equal(unseal(sealed, ["dga", "11111111-1"], key), undefined);
  assert.equal(unseal(sealed, ["dga", "12345678-5"], secretsKey(randomBytes(32))), undefined);
  assert.equal(unseal({ ...sealed, text: Buffer.from("other").toString("base64") }, ["dga", "12345678-5"], key), undefined);
  assert.equal(unseal({ ...sealed, tag: sealed.tag.slice(0, 8) }, ["dga", "12345678-5"], key), undefined, "a shorter tag is none");
  assert.notEqual(seal("clave-ñ", ["dga", "12345678-5"], key).text, sealed.text);
  assert.throws(() => secretsKey(randomBytes(16)), RangeError);
});

onEachStore((store, open) => {
  test(`${store}: passwords are set, read, listed without themselves, and taken away; a RUT is one in any spelling`, async (t) => {
    const credentials = await CredentialStore.open((await open(t)).first, secretsKey(randomBytes(32)));
    const view = await credentials.put("ana", "dga", { user: "12.345.678-5", password: "one" }, 5);
    assert.deepEqual(view, { regulator: "dga", user: "12345678-5", setBy: "ana", setAtUs: 5, readable: true });
    await credentials.put("luis", "dga", { user: "12345678-5", password: "two" }, 6);
    await credentials.put("ana", "sma", { user: "planta", password: "three" }, 7);
    assert.deepEqual(await credentials.get("dga", "12345678-5"), { user: "12345678-5", password: "two" });
    assert.deepEqual((await credentials.list({ limit: 10 })).items.map(({ user, setBy }) => [user, setBy]), [["12345678-5", "luis"], ["planta", "ana"]]);
    assert.ok(await credentials.has("sma", "planta"));
    assert.ok(await credentials.remove("sma", "planta"));
    assert.ok(!(await credentials.remove("sma", "planta")));
    assert.equal(await credentials.get("sma", "planta"), undefined);
    for (const [user, password] of [["planta", "x"], ["12345678-9", "x"], ["12345678-5", ""], ["12345678-5", "x".repeat(1001)]] as const) {
      await assert.rejects(credentials.put("ana", "dga", { user, password }, 8), { code: "bad-request" });
    }
  });

  test(`${store}: a key that was rotated: what the old one sealed opens and is sealed anew; without it nothing opens, and says so`, async (t) => {
    const { first: documents } = await open(t);
    const [old, key, lost] = [secretsKey(randomBytes(32)), secretsKey(randomBytes(32)), secretsKey(randomBytes(32))];
    await (await CredentialStore.open(documents, old)).put("ana", "dga", { user: "12345678-5", password: "one" }, 5);
    await (await CredentialStore.open(documents, lost)).put("ana", "dga", { user: "11111111-1", password: "two" }, 5);
    const without = await CredentialStore.open(documents, key);
    await assert.rejects(without.get("dga", "12345678-5"), { code: "setting" });
    assert.deepEqual((await without.list({ limit: 10 })).items.map(({ readable }) => readable), [false, false]);
    const both = await CredentialStore.open(documents, key, { earlier: [old] });
    assert.equal((await both.get("dga", "12345678-5"))?.password, "one");
    assert.deepEqual(await both.reseal(), { resealed: 1, left: 1 });
    assert.deepEqual(await both.reseal(), { resealed: 0, left: 1 });
    assert.deepEqual(await without.get("dga", "12345678-5"), { user: "12345678-5", password: "one" });
  });

  test(`${store}: a password that was moved to another user in the store does not open`, async (t) => {
    const { first: documents } = await open(t);
    const credentials = await CredentialStore.open(documents, secretsKey(randomBytes(32)));
    await credentials.put("ana", "dga", { user: "12345678-5", password: "one" }, 5);
    const raw = await documents.collection<{ user: string }>({ name: "regulator-credentials", tenant: false });
    const stored = await raw.get(systemScope, "dga/12345678-5");
    assert.ok(stored !== undefined);
    await raw.insert(systemScope, { id: "dga/11111111-1", body: { ...stored.body, user: "11111111-1" } });
    await assert.rejects(credentials.get("dga", "11111111-1"), { code: "corrupt" });
  });
});

test("without a given key one is made in a file that only its owner reads; all who open it get the same", async (t) => {
  const folder = join(await folderOf(t), "keys");
  const file = join(folder, "secrets.key");
  const keys = await Promise.all(Array.from({ length: 8 }, () => openSecretsKey({ given: undefined, file })));
  assert.equal(new Set(keys.map(({ id }) => id)).size, 1);
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  assert.deepEqual(await readdir(folder), ["secrets.key"], "nothing half made is left");
  assert.deepEqual(Buffer.from(readSecretsKey(await readFile(file, "utf8")) ?? []), Buffer.from(keys[0]?.key ?? []));
  const given = randomBytes(32);
  assert.deepEqual(await openSecretsKey({ given, file: join(folder, "none") }), secretsKey(given));
  await writeFile(file, "not a key");
  await assert.rejects(openSecretsKey({ given: undefined, file }), { code: "setting" });
  await assert.rejects(openSecretsKey({ given: undefined, file: folder }), { code: "setting" });
});
