import { allows, may, type Principal } from "@caudal/core";
import { isClientId } from "../edge/client-resolver.ts";
import type { MappingTable } from "./mapping-table.ts";

/** Topics under here are Caudal's own: what no mapping fits is a mistake, and is kept. */
export const OWN_PREFIX = "caudal/";

/** What a connection may do with a topic. */
export type PublishVerdict = "intake" | "pass" | { readonly refused: string };

/** Whether a principal's message goes to the log, to other subscribers only, or nowhere. */
export function judgePublish(principal: Principal, topic: string, mappings: MappingTable): PublishVerdict {
  if (topic.startsWith("$")) return { refused: "topics that begin with $ are the broker's own" };
  if (!may(principal, "send")) return { refused: `the role ${principal.role} may not send` };
  const match = mappings.find(topic);
  if (match?.client !== undefined && isClientId(match.client) && !allows(principal.scope, match.client)) return { refused: `${principal.name} has no part in client ${match.client}` };
  if (match !== undefined || topic.startsWith(OWN_PREFIX)) return "intake";
  // Messages between clients carry no tenant, so whoever is bound to some may not send them.
  return principal.scope.clients === "all" ? "pass" : { refused: `${principal.name} may publish to mapped topics only` };
}

/** Whether a principal may see what a filter shows: everything, or what lies under one client of its scope. A device may only send. */
export function maySubscribe(principal: Principal, filter: string): boolean {
  if (!may(principal, "read")) return false;
  if (principal.scope.clients === "all") return true;
  const [own, client] = filter.split("/", 2);
  return `${own}/` === OWN_PREFIX && client !== undefined && isClientId(client) && allows(principal.scope, client);
}
