import assert from "node:assert/strict";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { after, before, describe, test } from "node:test";
import { eventually } from "../test-parts/harness.ts";
import { GuardedSocket, LargePacketRoom } from "./guarded-socket.ts";

const LARGE = 100_000;

function publish(payloadBytes: number): Buffer {
  const body = Buffer.concat([Buffer.from([0, 1, 97]), Buffer.alloc(payloadBytes, 66)]);
  const length: number[] = [];
  for (let left = body.length; length.length === 0 || left > 0; left = Math.floor(left / 128)) length.push((left % 128) | (left >= 128 ? 128 : 0));
  return Buffer.concat([Buffer.from([0x30, ...length]), body]);
}

describe("a guarded socket", () => {
  let server: Server;
  let room: LargePacketRoom;
  const guarded: { socket: GuardedSocket; bytes: number }[] = [];
  const clients: Socket[] = [];
  before(async () => {
    server = createServer((socket) => {
      const entry = { socket: new GuardedSocket(socket, { maxPayloadBytes: 1_000_000, room, onOversize: () => "close" }), bytes: 0 };
      entry.socket.on("data", (chunk: Buffer) => { entry.bytes += chunk.length; });
      entry.socket.on("error", () => {});
      guarded.push(entry);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  after(async () => {
    for (const client of clients) client.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  async function pair(): Promise<{ client: Socket; entry: (typeof guarded)[number] }> {
    const count = guarded.length;
    const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
    client.on("error", () => {});
    clients.push(client);
    return { client, entry: await eventually(() => guarded[count]) };
  }

  test("a large packet waits until there is room for it, small ones of others do not", async () => {
    room = new LargePacketRoom(LARGE + 1000);
    const [first, second, third] = [await pair(), await pair(), await pair()];
    first.client.write(publish(LARGE));
    await eventually(() => first.entry.bytes > LARGE);
    second.client.write(Buffer.concat([publish(5), publish(LARGE)]));
    third.client.write(publish(5));
    await eventually(() => second.entry.bytes > 0 && third.entry.bytes > 0);
    assert.ok(second.entry.bytes < 100);
    first.entry.socket.releaseLarge();
    await eventually(() => second.entry.bytes > LARGE);
  });

  test("a connection that ends gives its room back, waiting or not", async () => {
    room = new LargePacketRoom(LARGE + 1000);
    const [first, second, third] = [await pair(), await pair(), await pair()];
    first.client.write(publish(LARGE));
    await eventually(() => first.entry.bytes > LARGE);
    second.client.write(publish(LARGE));
    third.client.write(Buffer.concat([publish(1), publish(LARGE)]));
    await eventually(() => third.entry.bytes > 0);
    second.client.destroy();
    second.entry.socket.destroy();
    first.entry.socket.destroy();
    await eventually(() => third.entry.bytes > LARGE);
  });

  test("what is written while the other side does not read arrives whole, and an end ends both", async () => {
    room = new LargePacketRoom(LARGE);
    const { client, entry } = await pair();
    client.pause();
    let received = 0;
    const chunk = Buffer.alloc(1_000_000, 1);
    for (let n = 0; n < 8; n++) entry.socket.write(chunk);
    entry.socket.end();
    client.on("data", (bytes: Buffer) => { received += bytes.length; });
    client.resume();
    await eventually(() => received === 8_000_000);
    await eventually(() => client.destroyed);
  });
});
