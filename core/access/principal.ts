/** What a principal may do; DESIGN's closed list. */
export const roles = ["admin", "operator", "analyst", "compliance", "auditor", "viewer", "device"] as const;
export type Role = (typeof roles)[number];

/** The tenants that a query may see. A store query without one does not compile. */
export type Scope = { readonly clients: "all" } | { readonly clients: readonly string[] };

/** Who asks. Every request has one. */
export interface Principal {
  readonly name: string;
  readonly role: Role;
  readonly scope: Scope;
  /** Devices that it speaks for, by id or by how ids begin (`W-*`); absent where it speaks for every device of its clients. */
  readonly devices?: readonly string[];
}

/** For work that belongs to the installation and not to a caller: consumers, migrations. */
export const systemScope: Scope = { clients: "all" };

/** True when the scope may see the client. */
export function allows(scope: Scope, client: string): boolean {
  return scope.clients === "all" || scope.clients.includes(client);
}

/** True when the principal may speak for a device of this id. */
export function speaksFor({ devices }: Pick<Principal, "devices">, device: string): boolean {
  return devices === undefined || devices.some((rule) => (rule.endsWith("*") ? device.startsWith(rule.slice(0, -1)) : device === rule));
}

/** What a role may do at an interface; writes of configuration and data differ because a device may only send. `review`: decide on what is owed to a regulator. */
export type Permission = "read" | "send" | "configure" | "review" | "administer";

const granted: Record<Role, readonly Permission[]> = {
  admin: ["read", "send", "configure", "review", "administer"],
  operator: ["read", "send", "configure", "review"],
  analyst: ["read"],
  compliance: ["read", "review"],
  auditor: ["read"],
  viewer: ["read"],
  device: ["send"],
};

export function may(principal: Principal, permission: Permission): boolean {
  return granted[principal.role].includes(permission);
}
