import { accountOf } from "./world.ts";
import { json, retryAfter, type ProviderModel, type Reply } from "./provider.ts";
import { textField } from "./query.ts";
import { timeseries, type TelemetryDialect } from "./thingsboard-telemetry.ts";
import { same } from "./tokens.ts";

/** The life of a token is not published; this one is short, so that a day sees many. */
const TOKEN_S = 3600;

function failed(status: number, message: string, errorCode = 2): Reply {
  return json(status, { status, message, errorCode });
}

const dialect: TelemetryDialect = {
  ascending: (query) => query.get("asc") === "true",
  strict: () => false,
  aggregates: false,
  failed,
  deviceId: /^[A-Za-z0-9-]{1,64}$/,
};

const values = { method: "GET", answer: (call) => timeseries(call, dialect) } as const satisfies Partial<ProviderModel["routes"][number]>;

/** TDATA ("twin"). Its login lies below `/tdata/v1`; telemetry is answered with and without that beginning, since no document says which. */
export const tdata: ProviderModel = {
  id: "tdata",
  title: "TDATA (Twin)",
  prefixes: ["twin", "tdata"],
  limits: { text: "20:1,600:60", kind: "bucket", per: "account" },
  routes: [
    {
      method: "POST",
      path: "/tdata/v1/login",
      open: true,
      answer({ ask: { body, nowMs }, world }) {
        const [username, password] = [textField(body, "username") ?? "", textField(body, "password") ?? ""];
        const account = accountOf(world, "tdata", ({ secrets }) => secrets["username"] === username && same(secrets["password"] ?? "", password));
        if (account === undefined) return failed(401, "Invalid username or password", 10);
        return json(200, { token: world.tokens.issue({ account: account.id, provider: "tdata", kind: "access", nowMs, lifeS: TOKEN_S }) });
      },
    },
    { path: "/telemetry/DEVICE/{device}/values/timeseries", ...values },
    { path: "/tdata/v1/telemetry/DEVICE/{device}/values/timeseries", ...values },
  ],
  caller({ headers, nowMs, body }, _, world) {
    const [, credential = ""] = /^Bearer (.+)$/.exec(headers["authorization"] ?? "") ?? [];
    if (credential === "") {
      const username = textField(body, "username") ?? "";
      return { credential: username, account: accountOf(world, "tdata", ({ secrets }) => secrets["username"] === username) };
    }
    const read = world.tokens.read(credential, { provider: "tdata", kind: "access", nowMs });
    if (read === "expired" || read === undefined) return { credential, account: undefined, expired: read === "expired" };
    return { credential, account: accountOf(world, "tdata", ({ id }) => id === read.account) };
  },
  denied: ({ expired }) => (expired === true ? failed(401, "Token has expired", 11) : failed(401, "Authentication failed", 10)),
  limited: (ms) => ({ ...failed(429, "Too many requests", 33), headers: retryAfter(ms) }),
  failed,
};
