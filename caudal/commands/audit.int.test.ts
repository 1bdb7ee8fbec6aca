import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { evidencePack } from "../../compliance/evidence/pack.ts";
import { SLOT_US, testWork } from "../../compliance/evidence/test-work.ts";
import { run } from "../test-parts/captured.ts";

async function packed(context: TestContext): Promise<{ readonly zip: Buffer; readonly key: string; readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), "caudal-audit-"));
  context.after(() => rm(folder, { recursive: true }));
  const work = await testWork(context);
  work.clock.atUs = SLOT_US + 60_000_000;
  await work.sent(0, { flow: 3, total: 10, outcome: "accepted", voucher: "V0" });
  work.clock.atUs += 2 * 86_400_000_000;
  await work.roots.sign();
  const chunks: Uint8Array[] = [];
  for await (const chunk of evidencePack(work.parts, work.question())) chunks.push(chunk);
  return { zip: Buffer.concat(chunks), key: work.roots.publicKey, folder };
}

/** Answers with the bytes, or with half of them and a cut. */
async function serving(context: TestContext, zip: Buffer, whole: boolean): Promise<{ readonly url: string; readonly asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(200, { "content-type": "application/zip" });
    if (whole) response.end(zip);
    else response.write(zip.subarray(0, zip.length / 2), () => response.destroy());
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  context.after(() => new Promise((resolve) => void server.close(resolve)));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

test("evidence is saved as it came and checked offline; one changed byte is told in both languages", async (context) => {
  const { zip, key, folder } = await packed(context);
  const { url, asked } = await serving(context, zip, true);
  const path = join(folder, "pack.zip");
  const saved = await run(["audit", "pack", "--work", "OB-0602-7", "--from", "2026-06-11", "--to", "2026-06-12", "--out", path, "--url", url, "--json", "--data", folder]);
  assert.deepEqual([saved.code, saved.json()], [0, { path, bytes: zip.length }], saved.error);
  assert.match(asked[0] ?? "", /^\/api\/v1\/compliance\/evidence\?work=dga%2FOB-0602-7&from=2026-06-11T04%3A00%3A00Z&to=2026-06-12T04%3A00%3A00Z$/);
  assert.deepEqual(await readFile(path), zip);
  const fine = await run(["audit", "verify", path, "--key", key, "--data", folder]);
  assert.equal(fine.code, 0, fine.out + fine.error);
  assert.match(fine.out, /as it was written/);
  assert.match((await run(["audit", "verify", path, "--data", folder, "--lang", "es"])).out, /no se dio --key/);
  const changed = Buffer.from(zip);
  changed[100]! ^= 1;
  await writeFile(path, changed);
  const broken = await run(["audit", "verify", path, "--json", "--data", folder]);
  assert.equal(broken.code, 1);
  assert.ok(broken.json<{ findings: { file: string }[] }>().findings.some(({ file }) => file === "LEEME.txt"));
  assert.equal((await run(["audit", "verify", "--data", folder])).code, 2);
  assert.equal((await run(["audit", "verify", join(folder, "none.zip"), "--data", folder])).code, 3);
});

test("evidence that is cut is told, and nothing of it is kept", async (context) => {
  const { zip, folder } = await packed(context);
  const { url } = await serving(context, zip, false);
  const cut = await run(["audit", "pack", "--work", "OB-0602-7", "--from", "2026-06-11", "--to", "2026-06-12", "--out", join(folder, "pack.zip"), "--url", url, "--data", folder]);
  assert.equal(cut.code, 3, cut.out);
  assert.match(cut.error, /ended before it was whole/);
  assert.deepEqual(await readdir(folder), []);
});
