import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

export interface Arrival {
  readonly atMs: number;
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface ProviderServer {
  readonly url: string;
  readonly port: number;
  /** What came, in order, on this server's own clock. */
  readonly arrivals: Arrival[];
  /** Connections that were made. */
  readonly connections: () => number;
}

export type Answering = (arrival: Arrival, response: ServerResponse) => void | Promise<void>;

/** A real server on loopback that answers as the test says, and writes down what arrived and when. */
export async function startProviderServer(context: TestContext, answering: Answering, nowMs: () => number = () => performance.now()): Promise<ProviderServer> {
  const arrivals: Arrival[] = [];
  let connections = 0;
  const listener: RequestListener = (request, response) => {
    const atMs = nowMs();
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const arrival = { atMs, method: request.method ?? "", url: request.url ?? "", headers: request.headers, body: Buffer.concat(chunks).toString() };
      arrivals.push(arrival);
      void answering(arrival, response);
    });
  };
  const server = createServer(listener);
  server.on("connection", () => connections++);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, arrivals, connections: () => connections };
}

export function json(response: ServerResponse, status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}
