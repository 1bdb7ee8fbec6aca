import { CaudalError } from "@caudal/core";

/** What a `cassandra://` URL says. */
export interface ClusterAddress {
  /** `host:port`, at least one. */
  readonly contactPoints: readonly string[];
  readonly credentials: { readonly username: string; readonly password: string } | undefined;
  readonly keyspace: string;
  readonly dataCenter: string;
  /** Copies of each row in the data centre, for a keyspace that has to be made. */
  readonly replication: number;
  /** Undefined without TLS; paths of PEM files, the system's authorities where `ca` is absent. */
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string } | undefined;
  /** The URL without what must not be shown. */
  readonly shown: string;
}

const DEFAULT_PORT = 9042;
const FORM = "cassandra://[user:password@]host:port[,host:port…]/keyspace[?dc=datacenter1&replication=1]";
const URL_PARTS = /^(cassandras?):\/\/(?:([^@/]*)@)?([^@/?#]+)(?:\/([^?#]*))?(?:\?([^#]*))?$/;
const parameters = ["dc", "replication", "ca", "cert", "key"] as const;

/** Reads `cassandra://` (`cassandras://` with TLS). Fails with "setting"; nothing that it says holds the password. */
export function readClusterUrl(url: string): ClusterAddress {
  const [, scheme, login, hosts, keyspace = "", search = ""] = URL_PARTS.exec(url) ?? refuse("it is not of the form");
  const query = new URLSearchParams(search);
  const unknown = [...query.keys()].find((name) => !parameters.some((known) => known === name));
  if (unknown !== undefined) refuse(`it has the unknown parameter "${unknown}"; the form is`);
  // Names without capitals need no quotes in CQL, so that people can type them too.
  if (!/^[a-z][a-z0-9_]{0,47}$/.test(keyspace)) refuse(`its keyspace "${keyspace}" is not 1 to 48 of a-z, 0-9 and _ beginning with a letter; the form is`);
  const replication = Number(query.get("replication") ?? 1);
  if (!Number.isInteger(replication) || replication < 1) refuse("replication is not a whole number from 1 on; the form is");
  const isEncrypted = scheme === "cassandras";
  const files = (["ca", "cert", "key"] as const).flatMap((name) => (query.has(name) ? [[name, query.get(name)!]] : []));
  if (files.length > 0 && !isEncrypted) refuse("ca, cert and key need cassandras://; the form is");
  return {
    contactPoints: hosts!.split(",").map(withPort), credentials: login === undefined ? undefined : readLogin(login), keyspace,
    dataCenter: query.get("dc") ?? "datacenter1", replication, tls: isEncrypted ? Object.fromEntries(files) : undefined,
    shown: `${scheme}://${hosts}/${keyspace}`,
  };
}

function withPort(host: string): string {
  const [, name, port] = /^(\[[0-9a-fA-F:]+\]|[^:[\]]+)(?::(\d{1,5}))?$/.exec(host) ?? refuse("one of its hosts cannot be read; the form is");
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) refuse(`port ${port} does not exist; the form is`);
  return `${name}:${port ?? DEFAULT_PORT}`;
}

function readLogin(login: string): ClusterAddress["credentials"] {
  const colon = login.indexOf(":");
  if (colon < 1) refuse("it has a user without a password; the form is");
  try {
    return { username: decodeURIComponent(login.slice(0, colon)), password: decodeURIComponent(login.slice(colon + 1)) };
  } catch {
    return refuse("its user or password is not percent-encoded; the form is");
  }
}

function refuse(why: string): never {
  throw new CaudalError("setting", `the URL of Cassandra cannot be used: ${why} ${FORM}`);
}
