import type { Clock } from "@caudal/runtime";
import type { Aedes } from "aedes";
import { statePayload, stateTopic } from "./host-state.ts";

/** What the built-in broker keeps of its own host: it is there for as long as the broker is. Nothing for one without a name. */
export async function keepHostState(broker: Aedes, { hostId, clock }: { readonly hostId?: string | undefined; readonly clock: Clock }, online: boolean): Promise<void> {
  if (hostId === undefined) return;
  const payload = statePayload(online, Math.floor(clock.nowUs() / 1000));
  await new Promise<void>((resolve) => broker.publish({ cmd: "publish", topic: stateTopic(hostId), payload, qos: 1, retain: true, dup: false }, () => resolve()));
}
