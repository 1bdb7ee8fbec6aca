import { CaudalError } from "@caudal/core";
import type { RedisOptions } from "ioredis";

const DEFAULT_PORT = 6379;
const DEFAULT_PREFIX = "caudal";

/** Where a Redis is and how our keys there begin. */
export interface RedisPlace {
  readonly options: RedisOptions;
  readonly prefix: string;
  /** The URL without its secrets, for messages. */
  readonly shown: string;
}

/** Reads `redis(s)://[user:pass@]host[:port][/db][?prefix=caudal]`. Fails with "setting" on anything else. */
export function parseRedisUrl(text: string): RedisPlace {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw refused("it is no URL");
  }
  if (url.protocol !== "redis:" && url.protocol !== "rediss:") throw refused(`it begins with ${url.protocol}//`);
  if (url.hostname === "") throw refused("it names no host");
  const database = /^\/?$/.test(url.pathname) ? 0 : Number(/^\/(\d{1,4})$/.exec(url.pathname)?.[1] ?? NaN);
  if (Number.isNaN(database)) throw refused(`${url.pathname.slice(1)} is no number of a database`);
  for (const name of url.searchParams.keys()) if (name !== "prefix") throw refused(`it has an unknown parameter ${name}`);
  const prefix = url.searchParams.get("prefix") ?? DEFAULT_PREFIX;
  if (!/^[\w.:-]{1,64}$/.test(prefix)) throw refused("prefix must be up to 64 letters, digits, dots, colons, dashes or underscores");
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = url.port === "" ? DEFAULT_PORT : Number(url.port);
  return {
    options: {
      host, port, db: database,
      ...(url.username === "" ? {} : { username: decodeURIComponent(url.username) }),
      ...(url.password === "" ? {} : { password: decodeURIComponent(url.password) }),
      ...(url.protocol === "rediss:" ? { tls: {} } : {}),
    },
    prefix,
    shown: `${url.protocol}//${url.hostname}:${port}${database === 0 ? "" : `/${database}`}`,
  };
}

function refused(why: string): CaudalError {
  return new CaudalError("setting", `the URL of Redis must be redis(s)://[user:pass@]host:port[/db][?prefix=caudal]: ${why}`);
}
