import { silentLogger, systemClock } from "@caudal/runtime";
import { Receipts } from "../edge/receipts.ts";
import { Polling } from "../polling/polling.ts";
import { Watermarks } from "../polling/watermarks.ts";
import { openChildEdge } from "./child-edge.ts";
import { scriptedAccount, scriptedDevice } from "./scripted-provider.ts";

/** A collector that asks a scripted server and kills its own process at a step; it ends by itself once it has the newest row. Arguments: the data folder, the server, the step with `/before` or `/after`, the newest row's time in microseconds. */
const [directory = "", baseUrl = "", dieAt = "", newest = ""] = process.argv.slice(2);
const { log, documents, metrics, edge } = await openChildEdge(directory);
const device = scriptedDevice("w1", { cadence: { kind: "every", ms: 1000 } });
let reached = 0;
const polling = new Polling({
  // Gaps are what is longer than a minute; the device is asked every second.
  accounts: [scriptedAccount({ baseUrl }, [device], { overlapEveryMs: 0 })], edge, receipts: new Receipts(), documents, clock: systemClock, logger: silentLogger, metrics, holder: "child",
  faults: {
    reach: (point) => {
      if (point === `collector/polling.${dieAt}` && (++reached > 2 || dieAt.startsWith("watermark"))) process.kill(process.pid, "SIGKILL");
    },
  },
});
await polling.start();
const name = { client: "acme", account: "north", device: "w1" };
const watermarks = await Watermarks.open(documents);
const newestUs = Number(newest);
for (;;) {
  await watermarks.load([name]);
  if ((watermarks.of(name).marks.get("level")?.timeUs ?? 0) >= newestUs) break;
  await new Promise((resolve) => setTimeout(resolve, 20));
}
// What the last poll began is done before the end.
await new Promise((resolve) => setTimeout(resolve, 200));
await polling.stop(2000);
await documents.close();
await log.close();
