import type { Scope } from "@caudal/core";
import { homeClient, isClientId } from "../edge/client-resolver.ts";
import type { Heard } from "../edge/presence.ts";
import type { Match } from "./mapping-table.ts";

/** The device that a topic names, for a message that was turned away unread; undefined when only its payload could have told. */
export function deviceOfTopic(match: Match | undefined, scope: Scope, receivedAtUs: number): Heard | undefined {
  const client = match?.client ?? homeClient(scope);
  if (match?.device === undefined || match.device === "" || client === undefined || !isClientId(client)) return undefined;
  return { client, device: match.device, source: match.source, transport: "mqtt", observedAtUs: null, receivedAtUs };
}
