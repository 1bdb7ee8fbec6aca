import { once } from "node:events";
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage, type RequestOptions } from "node:http";
import { connect } from "node:net";
import type { TestContext } from "node:test";
import { createHealth, createHttpServer, createMetrics, localPrincipal, silentLogger, type Health, type HttpServer, type HttpServerOptions, type Metrics } from "../index.ts";

/** A real server on a free port of 127.0.0.1 that stops with its test. */
export interface Served {
  readonly server: HttpServer;
  readonly metrics: Metrics;
  readonly health: Health;
  readonly port: number;
  readonly url: string;
  /** Sends as it is told, with none of what `fetch` adds or refuses. */
  send(options: RequestOptions & { readonly body?: string | Uint8Array }): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  json(): Record<string, unknown>;
}

export async function serve(context: TestContext, options: Partial<HttpServerOptions> = {}): Promise<Served> {
  const metrics = createMetrics({ process: false });
  const health = createHealth();
  const server = createHttpServer({
    host: "127.0.0.1", port: 0, operations: [], authenticate: async () => localPrincipal, health, metrics, logger: silentLogger, version: "1.2.3", ...options,
  });
  await server.start();
  context.after(() => server.stop(500));
  const { port } = server.address();
  return { server, metrics, health, port, url: `http://127.0.0.1:${port}`, send: (sent) => send(port, sent) };
}

async function send(port: number, { body, ...options }: RequestOptions & { readonly body?: string | Uint8Array }): Promise<Answer> {
  const request = httpRequest({ host: "127.0.0.1", port, agent: false, ...options });
  request.on("error", () => {});
  const answered = once(request, "response");
  request.end(body);
  const [response] = (await answered) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return { status: response.statusCode ?? 0, headers: response.headers, text, json: () => JSON.parse(text) as Record<string, unknown> };
}

/** Writes bytes to a socket and resolves with all that comes back until it closes. */
export async function sendBytes(port: number, bytes: string): Promise<string> {
  const socket = connect({ host: "127.0.0.1", port });
  let received = "";
  socket.on("data", (chunk) => (received += chunk.toString()));
  socket.on("error", () => {});
  socket.write(bytes);
  await once(socket, "close");
  return received;
}

/** Polls until true; fails after two seconds. */
export async function eventually(check: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const until = performance.now() + 5000;
  while (!(await check())) {
    if (performance.now() > until) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
