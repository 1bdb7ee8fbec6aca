import { connectAsync } from "mqtt";
import { answerParent } from "./answer-parent.ts";

/* What an intake from an outside broker is measured against: the same client subscribes with the same window, acknowledges and drops each message. */

const WINDOW = 1000;

const [url = "", filter = ""] = process.argv.slice(2);

answerParent(async () => {
  const client = await connectAsync(url, { protocolVersion: 5, clean: true, reconnectPeriod: 0, clientId: `bench-drop-${process.pid}`, properties: { receiveMaximum: WINDOW } });
  let taken = 0;
  client.on("message", () => (taken += 1));
  await client.subscribeAsync(filter, { qos: 1 });
  return { url, taken: () => taken, close: () => client.endAsync() };
});
