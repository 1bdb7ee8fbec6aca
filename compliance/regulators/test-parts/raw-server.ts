import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import type { TestContext } from "node:test";

/** Bytes to answer with; undefined: none ever come. "reset": the connection is. */
export type RawAnswer = string | "reset" | undefined;

export interface RawServer {
  readonly port: number;
  /** Each request as it came, with the host that it named. */
  readonly requests: readonly string[];
  /** How many connections were made. */
  readonly connections: () => number;
}

/** Takes whole HTTP requests as bytes and answers each with bytes; closes with its test. */
export async function rawServer(context: TestContext, answer: (request: string, number: number) => RawAnswer): Promise<RawServer> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    let pending = Buffer.alloc(0);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    socket.on("data", (piece: Buffer) => {
      pending = Buffer.concat([pending, piece]);
      for (let length = wholeRequest(pending); length !== undefined; length = wholeRequest(pending)) {
        const request = pending.subarray(0, length).toString("utf8");
        pending = pending.subarray(length);
        requests.push(request);
        const bytes = answer(request, requests.length);
        if (bytes === "reset") socket.resetAndDestroy();
        else if (bytes !== undefined) socket.write(bytes);
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(async () => {
    const closed = once(server, "close");
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  });
  return { port: (server.address() as AddressInfo).port, requests, connections: () => connections };
}

/** How many bytes the first whole request takes. */
function wholeRequest(bytes: Buffer): number | undefined {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const length = end + 4 + Number(/^content-length: (\d+)$/im.exec(bytes.subarray(0, end).toString("latin1"))?.[1] ?? 0);
  return bytes.length >= length ? length : undefined;
}

/** A whole answer as bytes. */
export function httpAnswer(status: number, body: string, headers: Readonly<Record<string, string>> = {}): string {
  const head = Object.entries({ "Content-Type": "application/json", "Content-Length": String(Buffer.byteLength(body)), ...headers }).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return `HTTP/1.1 ${status} -\r\n${head}\r\n${body}`;
}
