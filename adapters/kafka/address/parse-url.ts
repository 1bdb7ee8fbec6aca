import { CaudalError } from "@caudal/core";

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
}

export type SaslMechanism = "scram-sha-512" | "scram-sha-256" | "plain";
export type Compression = "zstd" | "gzip" | "none";

/** What a `kafka://` URL says. */
export interface KafkaAddress {
  readonly brokers: readonly BrokerAddress[];
  /** Paths of PEM files; an empty object trusts the authorities that Node trusts. Undefined: no TLS. */
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string } | undefined;
  readonly sasl: { readonly mechanism: SaslMechanism; readonly username: string; readonly password: string } | undefined;
  /** Put before the names of topics and groups. */
  readonly prefix: string;
  readonly replication: number;
  readonly minInSync: number;
  readonly compression: Compression;
  /** The URL without its secrets, for messages. */
  readonly shown: string;
}

const DEFAULT_PORT = 9092;
const FORM = "kafka://[user:password@]host:port[,host:port][?prefix=&replication=1&minInSync=1]";
const parameters = ["prefix", "replication", "minInSync", "tls", "ca", "cert", "key", "mechanism", "compression"];

/** Parses `kafka://` and `kafkas://` (TLS). Fails with "setting", naming what is wrong and never the password. */
export function parseKafkaUrl(url: string): KafkaAddress {
  const parts = /^(kafkas?):\/\/(?:([^@/?#]*)@)?([^@/?#]*)\/?(?:\?([^#]*))?$/.exec(url);
  if (parts === null) throw wrong("it is not of that form; a '@', '/' or '?' in a user or password is written %40, %2F, %3F");
  const [, scheme, credentials, hosts = "", query = ""] = parts;
  const options = new URLSearchParams(query);
  for (const name of options.keys()) if (!parameters.includes(name)) throw wrong(`it has no parameter "${name}"; those it has are ${parameters.join(", ")}`);
  const brokers = hosts.split(",").map(parseHost);
  const tls = parseTls(scheme === "kafkas", options);
  const sasl = parseCredentials(credentials, oneOf(options, "mechanism", ["scram-sha-512", "scram-sha-256", "plain"]));
  if (sasl?.mechanism === "plain" && tls === undefined) throw wrong("mechanism=plain without TLS would send the password readable: use kafkas://");
  const replication = parseCount(options, "replication");
  const minInSync = parseCount(options, "minInSync");
  if (minInSync > replication) throw wrong(`minInSync=${minInSync} is more than replication=${replication}`);
  const prefix = options.get("prefix") ?? "";
  if (!/^[A-Za-z0-9._-]{0,100}$/.test(prefix)) throw wrong("prefix takes letters, digits, '.', '_' and '-' only");
  const shown = `${scheme}://${sasl === undefined ? "" : `${encodeURIComponent(sasl.username)}:***@`}${hosts}`;
  return { brokers, tls, sasl, prefix, replication, minInSync, compression: oneOf(options, "compression", ["zstd", "gzip", "none"]), shown };
}

function parseHost(text: string): BrokerAddress {
  const parts = /^(\[[0-9a-fA-F:.]+\]|[^:[\]\s]+)(?::(\d{1,5}))?$/.exec(text);
  const port = Number(parts?.[2] ?? DEFAULT_PORT);
  if (parts?.[1] === undefined || port < 1 || port > 65_535) throw wrong(`"${text}" is not host:port`);
  return { host: parts[1].replace(/^\[|\]$/g, ""), port };
}

function parseCredentials(text: string | undefined, mechanism: SaslMechanism): KafkaAddress["sasl"] {
  if (text === undefined) return undefined;
  const [username = "", password = ""] = text.split(/:(.*)/s, 2).map(decode);
  if (username === "" || password === "") throw wrong("before the '@' stand a user and a password, as user:password@");
  return { mechanism, username, password };
}

function parseTls(scheme: boolean, options: URLSearchParams): KafkaAddress["tls"] {
  const files = Object.fromEntries(["ca", "cert", "key"].flatMap((name) => (options.has(name) ? [[name, options.get(name) ?? ""]] : [])));
  const asked = options.get("tls");
  if (asked !== null && asked !== "true" && asked !== "false") throw wrong("tls is true or false");
  const on = asked === null ? scheme : asked === "true";
  if (scheme && !on) throw wrong("kafkas:// is TLS, and tls=false says that it is not");
  if (!on && Object.keys(files).length > 0) throw wrong("ca, cert and key are for TLS: use kafkas://");
  if (options.has("cert") !== options.has("key")) throw wrong("cert and key are given together");
  for (const [name, path] of Object.entries(files)) if (path === "") throw wrong(`${name} is the path of a PEM file`);
  return on ? files : undefined;
}

function parseCount(options: URLSearchParams, name: string): number {
  const text = options.get(name) ?? "1";
  if (!/^[1-9]\d?$/.test(text)) throw wrong(`${name} is a number from 1 to 99`);
  return Number(text);
}

function oneOf<T extends string>(options: URLSearchParams, name: string, values: readonly [T, ...T[]]): T {
  const text = options.get(name);
  if (text === null) return values[0];
  const value = values.find((each) => each === text);
  if (value === undefined) throw wrong(`${name} is one of ${values.join(", ")}`);
  return value;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong("its user or password has a '%' that is not followed by two digits; write it %25");
  }
}

function wrong(why: string): CaudalError {
  return new CaudalError("setting", `the log's URL is ${FORM}: ${why}`);
}
