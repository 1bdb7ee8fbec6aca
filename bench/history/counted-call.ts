import { Agent, request } from "node:http";

const ANSWER_MS = 60_000;

/** Calls one after the other over a kept connection and counts the bytes that come: what a reader who keeps nothing costs itself is little. */
export class CountedCaller {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  /** Rejects on anything but 200. */
  call(url: string): Promise<{ readonly bytes: number; readonly tookMs: number }> {
    const startedMs = performance.now();
    return new Promise((resolve, reject) => {
      const sent = request(url, { agent: this.#agent, timeout: ANSWER_MS }, (response) => {
        let bytes = 0;
        response.on("data", (chunk: Buffer) => (bytes += chunk.length));
        response.on("error", reject);
        response.on("end", () => {
          if (response.statusCode === 200) resolve({ bytes, tookMs: performance.now() - startedMs });
          else reject(new Error(`${url}: ${response.statusCode}`));
        });
      });
      sent.on("error", reject);
      sent.on("timeout", () => sent.destroy(new Error(`no answer within ${ANSWER_MS / 1000} s: ${url}`)));
      sent.end();
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
