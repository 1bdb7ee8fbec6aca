import { allows, may, speaksFor, type Principal } from "@caudal/core";
import { isClientId } from "../edge/client-resolver.ts";
import type { MappingTable, Match } from "./mapping-table.ts";

/** Topics under here are Caudal's own: what no mapping fits is a mistake, and is kept. */
export const OWN_PREFIX = "caudal/";

/** What a connection may do with a topic. `identity` says that it spoke for somebody else. */
export type PublishVerdict = "intake" | "pass" | { readonly refused: string; readonly identity?: true };

/** Whether a principal's message goes to the log, to other subscribers only, or nowhere. */
export function judgePublish(principal: Principal, topic: string, mappings: MappingTable): PublishVerdict {
  if (topic.startsWith("$")) return { refused: "topics that begin with $ are the broker's own" };
  if (!may(principal, "send")) return { refused: `the role ${principal.role} may not send` };
  const match = mappings.find(topic);
  if (match?.client !== undefined && isClientId(match.client) && !allows(principal.scope, match.client)) return { refused: `${principal.name} has no part in client ${match.client}`, identity: true };
  if (principal.devices !== undefined) {
    const foreign = foreignTopic(principal, { topic, match, shown: mappings.shown(topic) });
    if (foreign !== undefined) return { refused: foreign, identity: true };
  }
  if (match !== undefined || topic.startsWith(OWN_PREFIX)) return "intake";
  // Messages between clients carry no tenant, so whoever is bound to some may not send them.
  return principal.scope.clients === "all" && principal.devices === undefined ? "pass" : { refused: `${principal.name} may publish to mapped topics only` };
}

/** Why a topic is not one of the principal's own devices; undefined when it is. What a message calls itself does not count here. */
function foreignTopic(principal: Principal, { topic, match, shown }: { readonly topic: string; readonly match: Match | undefined; readonly shown: string }): string | undefined {
  if (match === undefined) {
    const [own, client = "", device = ""] = topic.split("/", 3);
    const isOwn = `${own}/` === OWN_PREFIX && isClientId(client) && allows(principal.scope, client) && device !== "" && speaksFor(principal, device);
    return isOwn ? undefined : `${shown} is no topic of ${principal.name}`;
  }
  const { device } = match;
  if (device === undefined || device === "") return `${principal.name} speaks for its own devices, and ${match.origin} names none`;
  return speaksFor(principal, device) ? undefined : `${principal.name} does not speak for ${device}`;
}

/**
 * Whether a principal may see what a filter shows: everything, or what lies under one client of its scope. A device sees the commands
 * for the devices that it speaks for, and nothing else.
 */
export function maySubscribe(principal: Principal, filter: string): boolean {
  if (principal.role === "device") return isOwnCommand(principal, filter);
  if (!may(principal, "read")) return false;
  if (principal.scope.clients === "all") return true;
  const [own, client] = filter.split("/", 2);
  return `${own}/` === OWN_PREFIX && client !== undefined && isClientId(client) && allows(principal.scope, client);
}

/** `caudal/{client}/{device}/commands` with what lies under it, Sparkplug's commands for a node and the state of its host; `+` for the device of whoever speaks for all of a client. */
function isOwnCommand(principal: Principal, filter: string): boolean {
  const levels = filter.split("/");
  const speaks = (device: string | undefined): boolean => device !== undefined && device !== "" && (device === "+" ? principal.devices === undefined : !/[+#]/.test(device) && speaksFor(principal, device));
  const [first, second = "", third, fourth] = levels;
  // Which hosts are there is no tenant's: any node may wait for its own.
  if (first === "spBv1.0" && second === "STATE") return third !== undefined && !/[+#]/.test(third) && levels.length === 3;
  if (first === "spBv1.0") return (third === "NCMD" || third === "DCMD") && !/[+#]/.test(second) && principal.devices !== undefined && speaks(fourth);
  return `${first}/` === OWN_PREFIX && isClientId(second) && allows(principal.scope, second) && speaks(third) && fourth === "commands";
}

/**
 * The principal of a connection whose user name is written `client/device`: held to that device, whatever its token may speak for.
 * Undefined when the name says a device that is not its own. Any other user name says nothing.
 */
export function heldTo(principal: Principal, username: string | undefined): Principal | undefined {
  const at = username?.indexOf("/") ?? -1;
  if (principal.role !== "device" || username === undefined || at < 1) return principal;
  const client = username.slice(0, at);
  const device = username.slice(at + 1);
  if (!isClientId(client) || !allows(principal.scope, client) || device === "" || /[*+#/]/.test(device) || !speaksFor(principal, device)) return undefined;
  return { ...principal, name: `${principal.name} (${username})`, scope: { clients: [client] }, devices: [device] };
}

/** The one device that a principal is; undefined where it speaks for several. */
export function onlyDevice({ devices, scope }: Principal): { readonly client: string; readonly device: string } | undefined {
  const [device, other] = devices ?? [];
  if (device === undefined || other !== undefined || device.endsWith("*") || scope.clients === "all") return undefined;
  const [client, another] = scope.clients;
  return client === undefined || another !== undefined ? undefined : { client, device };
}
