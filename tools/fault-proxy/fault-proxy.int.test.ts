import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { afterEach, beforeEach, suite, test } from "node:test";
import { until } from "../../caudal/test-parts/until.ts";
import { openFaultProxy, type FaultProxy, type FaultProxyOptions } from "./fault-proxy.ts";

/** What a client has got, and what became of it. */
class Client {
  readonly socket: Socket;
  text = "";
  ended = false;
  error: NodeJS.ErrnoException | undefined;

  constructor(port: number) {
    this.socket = connect({ host: "127.0.0.1", port, noDelay: true, allowHalfOpen: true });
    this.socket.on("data", (chunk: Buffer) => (this.text += chunk.toString("latin1")));
    this.socket.on("end", () => (this.ended = true));
    this.socket.on("error", (error) => (this.error = error));
  }

  async got(text: string): Promise<void> {
    await until(`"${text}" comes back`, () => (this.text === text ? true : undefined), 5000);
  }

  async failed(): Promise<string | undefined> {
    await until("the connection fails", () => (this.error === undefined ? undefined : true), 5000);
    return this.error?.code;
  }
}

suite("the fault proxy before a server that echoes", () => {
  let closers: (() => Promise<unknown> | void)[] = [];
  let port = 0;
  let heard = "";

  beforeEach(async () => {
    heard = "";
    const sockets = new Set<Socket>();
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("data", (chunk: Buffer) => {
        heard += chunk.toString("latin1");
        socket.write(chunk);
      });
      socket.on("end", () => socket.end());
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    port = (server.address() as AddressInfo).port;
    closers = [() => new Promise((resolve) => {
      server.close(resolve);
      for (const socket of sockets) socket.destroy();
    })];
  });

  afterEach(async () => {
    for (const close of closers.reverse()) await close();
  });

  async function proxied(more: Partial<FaultProxyOptions> = {}): Promise<FaultProxy> {
    const proxy = await openFaultProxy({ target: { host: "127.0.0.1", port }, ...more });
    closers.push(() => proxy.close());
    return proxy;
  }

  function client(proxy: FaultProxy): Client {
    const made = new Client(proxy.port);
    closers.push(() => void made.socket.destroy());
    return made;
  }

  test("bytes pass both ways, and so does an end", async () => {
    const proxy = await proxied();
    const one = client(proxy);
    one.socket.write("hello");
    await one.got("hello");
    assert.equal(proxy.connections().length, 1);
    one.socket.end();
    await until("the end comes back", () => (one.ended ? true : undefined), 5000);
    await until("nothing is open", () => (proxy.connections().length === 0 ? true : undefined), 5000);
    assert.equal(one.error, undefined);
    assert.equal(proxy.taken, 1);
  });

  test("a large stream arrives whole and in order", async () => {
    const proxy = await proxied();
    const one = client(proxy);
    const sent = Array.from({ length: 400_000 }, (_, index) => String(index)).join(" ");
    one.socket.end(sent, "latin1");
    await until("all is back", () => (one.ended ? true : undefined), 20_000);
    assert.ok(one.text === sent);
  });

  test("a delay holds back each way", async () => {
    const proxy = await proxied();
    proxy.set({ delayMs: 60 });
    const one = client(proxy);
    const since = performance.now();
    one.socket.write("a");
    one.socket.write("b");
    await one.got("ab");
    assert.ok(performance.now() - since >= 118);
    proxy.set({ delayMs: 600_000 });
    one.socket.write("c");
    await until("it waits in the proxy", () => (one.socket.bytesWritten === 3 ? true : undefined));
    await proxy.heal();
    await one.got("abc");
  });

  test("a throttle lets so many bytes a second pass", async () => {
    const proxy = await proxied();
    proxy.set({ bytesPerS: 10_000 });
    const one = client(proxy);
    const since = performance.now();
    one.socket.write("x".repeat(1000));
    await one.got("x".repeat(1000));
    one.socket.write("y");
    await one.got(`${"x".repeat(1000)}y`);
    assert.ok(performance.now() - since >= 95);
  });

  test("a cut resets every connection, and the next one passes", async () => {
    const proxy = await proxied();
    const [one, two] = [client(proxy), client(proxy)];
    for (const each of [one, two]) {
      each.socket.write("a");
      await each.got("a");
    }
    proxy.cut();
    assert.deepEqual([await one.failed(), await two.failed()], ["ECONNRESET", "ECONNRESET"]);
    const three = client(proxy);
    three.socket.write("b");
    await three.got("b");
  });

  test("one connection can be cut or slowed alone", async () => {
    const proxy = await proxied();
    const [one, two] = [client(proxy), client(proxy)];
    one.socket.write("1");
    await one.got("1");
    two.socket.write("2");
    await two.got("2");
    const [first, second] = proxy.connections();
    first?.cut();
    assert.equal(await one.failed(), "ECONNRESET");
    second?.set({ delayMs: 600_000 });
    two.socket.write("3");
    await until("it was sent", () => (two.socket.bytesWritten === 2 ? true : undefined));
    assert.equal(two.text, "2");
    second?.set(undefined);
    await two.got("23");
  });

  test("half open, nothing is answered or ended; healed, what has lost bytes is reset", async () => {
    const proxy = await proxied();
    const before = client(proxy);
    before.socket.write("a");
    await before.got("a");
    proxy.halfOpen();
    before.socket.write("lost");
    const during = client(proxy);
    during.socket.write("lost too");
    during.socket.end();
    await until("both are taken", () => (proxy.taken === 2 && during.socket.bytesWritten === 8 ? true : undefined));
    await proxy.heal();
    assert.deepEqual([await before.failed(), await during.failed()], ["ECONNRESET", "ECONNRESET"]);
    assert.equal(before.text, "a");
    assert.equal(heard, "a");
    const after = client(proxy);
    after.socket.write("b");
    await after.got("b");
  });

  test("answers alone can be swallowed: the server has heard", async () => {
    const proxy = await proxied();
    proxy.set({ swallow: "answers" });
    const one = client(proxy);
    one.socket.write("heard");
    await until("the server has it", () => (heard === "heard" ? true : undefined));
    assert.equal(one.text, "");
  });

  test("refused, nobody gets in; healed, it is the same port", async () => {
    const proxy = await proxied();
    const one = client(proxy);
    one.socket.write("a");
    await one.got("a");
    await proxy.refuse();
    assert.equal(await one.failed(), "ECONNRESET");
    const two = client(proxy);
    assert.equal(await two.failed(), "ECONNREFUSED");
    await proxy.heal();
    const three = client(proxy);
    three.socket.write("b");
    await three.got("b");
  });

  test("a look at the bytes can lose one certain answer and cut there", async () => {
    let answers = 0;
    const proxy = await proxied({ look: (_chunk, way) => (way === "answer" && ++answers === 2 ? "cut" : "pass") });
    const one = client(proxy);
    one.socket.write("a");
    await one.got("a");
    one.socket.write("b");
    assert.equal(await one.failed(), "ECONNRESET");
    assert.equal(one.text, "a");
    assert.equal(heard, "ab");
  });

  test("a server that is away resets the client", async () => {
    const proxy = await openFaultProxy({ target: { host: "127.0.0.1", port: 1 } });
    closers.push(() => proxy.close());
    assert.equal(await client(proxy).failed(), "ECONNRESET");
  });

  test("closed, it gives the port free, twice is nothing, and heals no more", async () => {
    const proxy = await proxied();
    await proxy.close();
    await proxy.close();
    await assert.rejects(proxy.heal(), /closed/);
    const again = await openFaultProxy({ target: { host: "127.0.0.1", port }, port: proxy.port });
    await again.close();
  });
});
