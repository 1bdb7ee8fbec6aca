import assert from "node:assert/strict";
import { createServer, type AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { CaudalError } from "@caudal/core";
import { serve } from "../test-parts/serve.ts";
import { listen, listenOrNext } from "./listen.ts";
import { portOwner } from "./port-owner.ts";

async function taken(t: TestContext): Promise<number> {
  const server = createServer();
  t.after(() => new Promise((resolve) => server.close(resolve)));
  return (await listen(server, { host: "127.0.0.1", port: 0 })).port;
}

const inUse = (error: unknown): boolean => error instanceof CaudalError && error.code === "in-use";

test("a port that was asked for and is taken fails, and names the owner where /proc tells it", async (t) => {
  const port = await taken(t);
  await assert.rejects(serve(t, { port }), (error) => {
    assert.ok(inUse(error));
    const message = (error as Error).message;
    assert.match(message, new RegExp(`^port ${port} of 127\\.0\\.0\\.1 is taken`));
    if (process.platform === "linux") assert.match(message, new RegExp(`by process ${process.pid}$`));
    return true;
  });
});

test("a default port that is taken moves to the next free one", async (t) => {
  const port = await taken(t);
  const { server, send } = await serve(t, { port, portAsked: false });
  assert.ok(server.address().port > port);
  assert.equal((await send({ path: "/livez" })).status, 200);
});

test("the next ports are tried only for a port in use, and not for ever", async () => {
  const tried: number[] = [];
  const open = (code: "in-use" | "unavailable") => async (port: number): Promise<void> => {
    tried.push(port);
    throw new CaudalError(code, "no");
  };
  await assert.rejects(listenOrNext(8000, { asked: false, open: open("in-use") }), inUse);
  assert.deepEqual([tried[0], tried.at(-1), tried.length], [8000, 8050, 51]);
  tried.length = 0;
  await assert.rejects(listenOrNext(8000, { asked: false, open: open("unavailable") }));
  await assert.rejects(listenOrNext(65_535, { asked: false, open: open("in-use") }), inUse);
  await assert.rejects(listenOrNext(0, { asked: false, open: open("in-use") }), inUse);
  assert.deepEqual(tried, [8000, 65_535, 0]);
});

test("an address that is not of this machine says so", async () => {
  await assert.rejects(listen(createServer(), { host: "192.0.2.1", port: 0 }), (error) => error instanceof CaudalError && error.code === "unavailable" && error.retry === "no");
});

test("nobody owns a free port", async (t) => {
  const server = createServer();
  await listen(server, { host: "127.0.0.1", port: 0 });
  const { port } = server.address() as AddressInfo;
  if (process.platform === "linux") assert.equal(await portOwner(port), process.pid);
  await new Promise((resolve) => server.close(resolve));
  assert.equal(await portOwner(port), undefined);
  t.diagnostic(`port ${port}`);
});
