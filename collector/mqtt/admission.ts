import type { Principal } from "@caudal/core";
import { homeClient } from "../edge/client-resolver.ts";
import type { Heard } from "../edge/presence.ts";
import { heldTo, judgePublish, onlyDevice } from "./access.ts";
import type { MappingTable } from "./mapping-table.ts";

/** A connection is not let in. */
export class NotAdmitted extends Error {
  /** Undefined where it did not say who it is. */
  readonly why: string | undefined;
  /** Who spoke for somebody else. */
  readonly foreign: Principal | undefined;

  constructor(why?: string, foreign?: Principal) {
    super(why ?? "not authorized");
    this.why = why;
    this.foreign = foreign;
  }
}

export interface Knock {
  /** Who its certificate says that it is. */
  readonly certified: Principal | undefined;
  readonly username: string | undefined;
  /** Topic of its will. */
  readonly will: string | undefined;
  readonly mappings: MappingTable;
  /** Asks who it is by its user name and password; undefined is refused. */
  readonly authenticate: () => Promise<Principal | undefined>;
}

/** Who connects: by certificate, else by password, held to the device of its user name. Rejects with NotAdmitted, or as `authenticate` does. */
export async function admitted({ certified, username, will, mappings, authenticate }: Knock): Promise<Principal> {
  const known = certified ?? (await authenticate());
  if (known === undefined) throw new NotAdmitted();
  const principal = heldTo(known, username);
  if (principal === undefined) throw new NotAdmitted(`its user name says a device that ${known.name} does not speak for`, known);
  const verdict = will === undefined || principal.devices === undefined ? "intake" : judgePublish(principal, will, mappings);
  if (typeof verdict === "object") throw new NotAdmitted(`its will is for ${mappings.shown(will ?? "")}: ${verdict.refused}`, principal);
  return principal;
}

/** A connection as a device that can be listed: its own where it is one, else under its name. */
export function heardAs(principal: Principal, nowUs: number): Heard | undefined {
  const { scope, name } = principal;
  const { client, device } = onlyDevice(principal) ?? { client: homeClient(scope) ?? (scope.clients === "all" ? undefined : scope.clients[0]), device: name };
  return client === undefined ? undefined : { client, device, source: "mqtt", transport: "mqtt", observedAtUs: null, receivedAtUs: nowUs };
}
