import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { openAuthority } from "../../collector/test-parts/certificates.ts";
import { createWire } from "./wire.ts";

const POST = { method: "POST", path: "/mediciones", headers: { "Content-Type": "application/json" }, body: '{"password":"synthetic"}' } as const;
const WITHIN = { timeoutMs: 10_000, signal: new AbortController().signal };

test("over TLS: one connection for calls after each other, and no byte of a body before the other side has shown a name that is trusted", async (context) => {
  const authority = await openAuthority();
  const before = getCACertificates("default");
  context.after(async () => {
    setDefaultCACertificates(before);
    await authority.close();
  });
  const { cert, key } = await authority.issue("regulator", { san: "DNS:localhost" });
  const [bodies, sockets] = [[] as string[], new Set<unknown>()];
  const server = createServer({ cert: await readFile(cert), key: await readFile(key) }, async (request, response) => {
    sockets.add(request.socket);
    bodies.push(Buffer.concat(await request.toArray()).toString("utf8"));
    if (bodies.length === 3) request.socket.destroy();
    else response.end("{}");
  });
  server.on("tlsClientError", () => undefined).listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(async () => {
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  });
  const { port } = server.address() as AddressInfo;
  const untrusted = await createWire(`https://localhost:${port}`).exchange(POST, WITHIN);
  assert.deepEqual(untrusted.kind === "failed" && untrusted.mayHaveArrived, false);
  setDefaultCACertificates([await authority.read(authority.ca)]);
  const misnamed = await createWire(`https://127.0.0.1:${port}`).exchange(POST, WITHIN);
  assert.deepEqual(misnamed.kind === "failed" && [misnamed.why, misnamed.mayHaveArrived], ["ERR_TLS_CERT_ALTNAME_INVALID", false]);
  assert.deepEqual(bodies, []);
  const wire = createWire(`https://localhost:${port}`);
  for (let call = 0; call < 2; call++) assert.deepEqual((await wire.exchange(POST, WITHIN) as { answer: unknown }).answer, { status: 200, body: "{}" });
  const cut = await wire.exchange(POST, WITHIN);
  assert.deepEqual(cut.kind === "failed" && cut.mayHaveArrived, true, "it was read before the connection ended");
  assert.deepEqual([bodies, sockets.size], [[POST.body, POST.body, POST.body], 1]);
});
