import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import type { Principal } from "@caudal/core";
import { WebSocket, WebSocketServer } from "ws";
import { eventually, sendBytes, serve } from "../test-parts/serve.ts";
import type { Upgrade } from "./upgrades.ts";

const viewer: Principal = { name: "v", role: "viewer", scope: { clients: ["a"] } };

function socketServer(t: TestContext): Upgrade {
  const sockets = new WebSocketServer({ noServer: true });
  t.after(() => sockets.close());
  return {
    path: "/ws",
    handle: (request, socket, head, { name, signal }) =>
      sockets.handleUpgrade(request, socket, head, (client) => {
        client.send(name);
        signal.addEventListener("abort", () => client.close(1001), { once: true });
      }),
  };
}

test("a WebSocket is opened for a principal, with and without a trailing slash, and closed politely by a stop", async (t) => {
  const { port, server } = await serve(t, { upgrades: [socketServer(t)], authenticate: async () => viewer });
  for (const path of ["/ws", "/ws/?points=a"]) {
    const client = new WebSocket(`ws://127.0.0.1:${port}${path}`, { origin: `http://127.0.0.1:${port}` });
    const [message] = await once(client, "message") as [Buffer];
    assert.equal(message.toString(), "v");
    if (path === "/ws") client.close();
    else {
      const closed = once(client, "close");
      await server.stop(1000);
      assert.equal((await closed)[0], 1001);
    }
  }
});

test("a foreign page, an unknown path, nobody, a token in the URL and a wrong role are refused with a problem", async (t) => {
  let principal: Principal | undefined = viewer;
  const { port } = await serve(t, { upgrades: [socketServer(t)], authenticate: async () => principal });
  const attempt = (lines: string, path = "/ws") => sendBytes(port, `GET ${path} HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${lines}\r\n`);
  assert.match(await attempt("Host: localhost\r\nOrigin: https://evil.example.test\r\n"), /^HTTP\/1\.1 403 [\s\S]*"origin-refused"/);
  assert.match(await attempt("Host: evil.example.test\r\n"), /^HTTP\/1\.1 421 /);
  assert.match(await attempt("Host: localhost\r\n", "/ws?token=x"), /"token-in-url"/);
  assert.match(await attempt("Host: localhost\r\nAccept-Language: es\r\n", "/none"), /^HTTP\/1\.1 404 [\s\S]*Aquí no hay nada/);
  principal = { ...viewer, role: "device" };
  assert.match(await attempt("Host: localhost\r\n"), /^HTTP\/1\.1 403 [\s\S]*"forbidden"/);
  principal = undefined;
  assert.match(await attempt("Host: localhost\r\n"), /^HTTP\/1\.1 401 /);
});

test("a socket that does not close is cut at the end of the budget", async (t) => {
  const opened: string[] = [];
  const deaf: Upgrade = { path: "/ws", handle: (_request, socket) => void (opened.push("x"), socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\n")) };
  const { port, server } = await serve(t, { upgrades: [deaf] });
  const socket: Socket = connect({ host: "127.0.0.1", port });
  socket.on("error", () => {}).resume();
  socket.write("GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  await eventually(() => opened.length === 1, "the socket is open");
  const closed = once(socket, "close");
  await server.stop(150);
  await closed;
});

test("a fault of the handler is a problem and a line in the log; other upgrades are plain requests", async (t) => {
  const logged: string[] = [];
  const logger = { debug() {}, info() {}, warn() {}, error: (event: string) => void logged.push(event), child: () => logger };
  const broken: Upgrade = { path: "/ws", handle: () => { throw new TypeError("words"); } };
  const { port } = await serve(t, { upgrades: [broken], logger });
  const answer = await sendBytes(port, "GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  assert.match(answer, /^HTTP\/1\.1 500 /);
  assert.doesNotMatch(answer, /words/);
  assert.deepEqual(logged, ["upgrade.failed"]);
  const h2c = await sendBytes(port, "GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n");
  assert.match(h2c, /^HTTP\/1\.1 200 /);
});
