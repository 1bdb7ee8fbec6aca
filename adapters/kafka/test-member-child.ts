import { openKafkaLog } from "./open.ts";
import { quickTiming, textOf } from "./test-harness.ts";

// One member of a group in a process of its own; tells its parent what it does, a line each.
const [url = "", topic = "", group = ""] = process.argv.slice(2);
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const log = await openKafkaLog({ url, timing: quickTiming, tell: (event) => say(`event ${event}`) });
await log.consume({
  topic, group,
  handler: {
    assigned: async ({ partition }) => {
      say(`assigned ${partition}`);
      return undefined;
    },
    handle: async ({ records }) => {
      for (const { value } of records) say(`handled ${textOf(value)}`);
    },
    revoked: async ({ partition }, lost) => say(`revoked ${partition} ${lost}`),
  },
});
process.once("SIGTERM", () => void log.close().then(() => process.exit(0)));
