import { targetOfMqtt } from "../full-path/target.ts";
import { startBento } from "../peers/bento.ts";
import type { Receiver } from "./receiver.ts";
import type { Stored } from "./receiver-words.ts";

const THROUGH_MS = 180_000;
/** Each look makes Bento gather all its metrics: often enough for the clock, too seldom for its CPU time to show it. */
const LOOK_EVERY_MS = 200;
const NOTHING: Stored = { readings: 0, repeated: 0, incomplete: 0, parked: 0 };

/** Bento that subscribes with QoS 1 and drops each message, with its settings as they are. */
export async function startBentoReceiver({ url, root }: { readonly url: string; readonly root: string }): Promise<Receiver> {
  const { host, port } = targetOfMqtt(url);
  const { pid, url: metricsUrl, stop } = await startBento([
    "input:", "  mqtt:", `    urls: ["tcp://${host}:${port}"]`, `    topics: ["${root}/#"]`, `    client_id: bench-bento-${process.pid}`, "    qos: 1", "    clean_session: true",
    "output:", "  drop: {}",
  ].join("\n"));
  return {
    name: "Bento, mqtt → drop", pid, url, root, stop,
    async through(messages) {
      const endMs = performance.now() + THROUGH_MS;
      for (let taken = await sentBy(metricsUrl); taken < messages; taken = await sentBy(metricsUrl)) {
        if (performance.now() > endMs) throw new Error(`Bento took ${taken} of ${messages} messages within ${THROUGH_MS} ms`);
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      }
    },
    stored: () => Promise.resolve(NOTHING),
  };
}

/** Messages that Bento has handed to its output. */
async function sentBy(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return [...text.matchAll(/^output_sent(?:_total)?(?:\{[^}]*\})? ([\d.e+]+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
}
