import { Agent, request } from "node:http";

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  /** From the call to the last byte. */
  readonly tookMs: number;
}

export interface HttpBody {
  readonly type: string;
  readonly text: string;
}

class ConnectionEnded extends Error {}

/** Calls over kept connections, as many at once as there are calls. */
export class HttpCaller {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });

  /** Once more when a kept connection was ended by the server just as the call went out: its time counts from the first. */
  async call(url: string, body?: HttpBody): Promise<HttpAnswer> {
    const startedMs = performance.now();
    for (;;) {
      try {
        return await this.#once(url, body, startedMs);
      } catch (error) {
        if (!(error instanceof ConnectionEnded)) throw error;
      }
    }
  }

  #once(url: string, body: HttpBody | undefined, startedMs: number): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const headers = body === undefined ? {} : { "content-type": body.type, "content-length": Buffer.byteLength(body.text) };
      const sent = request(url, { agent: this.#agent, method: body === undefined ? "GET" : "POST", headers, timeout: 30_000 }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8"), tookMs: performance.now() - startedMs }));
      });
      sent.on("error", (error: NodeJS.ErrnoException) => reject(sent.reusedSocket && error.code === "ECONNRESET" ? new ConnectionEnded() : error));
      sent.on("timeout", () => sent.destroy(new Error(`no answer within 30 s: ${url}`)));
      sent.end(body?.text);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
