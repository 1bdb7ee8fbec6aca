import { accountOf, remoteDevice } from "./world.ts";
import { json, retryAfter, type Call, type ProviderModel, type Reply } from "./provider.ts";
import { textField } from "./query.ts";
import { timeseries, type TelemetryDialect } from "./thingsboard-telemetry.ts";
import { same } from "./tokens.ts";

const ACCESS_S = 9000;
const REFRESH_S = 604_800;

function failed(status: number, message: string, errorCode = status === 404 ? 32 : status === 400 ? 31 : 2): Reply {
  return json(status, { status, message, errorCode });
}

const dialect: TelemetryDialect = {
  ascending: (query) => query.get("orderBy")?.toUpperCase() === "ASC",
  strict: (query) => query.get("useStrictDataTypes") === "true",
  aggregates: true,
  failed,
  deviceId: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
};

function pair({ ask: { nowMs }, world }: Call, account: string): Reply {
  const issue = (kind: "access" | "refresh", lifeS: number): string => world.tokens.issue({ account, provider: "thingsboard", kind, nowMs, lifeS });
  return json(200, { token: issue("access", ACCESS_S), refreshToken: issue("refresh", REFRESH_S) });
}

/** ThingsBoard's own REST: `X-Authorization`, a token to renew with, newest first unless `orderBy=ASC`, text unless strict types are asked for. */
export const thingsboard: ProviderModel = {
  id: "thingsboard",
  title: "ThingsBoard",
  prefixes: ["thingsboard"],
  limits: { text: "50:1,1000:60", kind: "bucket", per: "account" },
  routes: [
    {
      method: "POST",
      path: "/api/auth/login",
      open: true,
      answer(call) {
        const { ask: { body }, world } = call;
        const [username, password] = [textField(body, "username") ?? "", textField(body, "password") ?? ""];
        const account = accountOf(world, "thingsboard", ({ secrets }) => secrets["username"] === username && same(secrets["password"] ?? "", password));
        return account === undefined ? failed(401, "Invalid username or password", 10) : pair(call, account.id);
      },
    },
    {
      method: "POST",
      path: "/api/auth/token",
      open: true,
      answer(call) {
        const read = call.world.tokens.read(textField(call.ask.body, "refreshToken") ?? "", { provider: "thingsboard", kind: "refresh", nowMs: call.ask.nowMs });
        if (read === undefined) return failed(401, "Authentication failed", 10);
        return read === "expired" ? failed(401, "Token has expired", 11) : pair(call, read.account);
      },
    },
    {
      method: "GET",
      path: "/api/plugins/telemetry/DEVICE/{device}/keys/timeseries",
      answer({ caller: { account }, params: { device = "" } }) {
        const found = remoteDevice(account, device);
        return found === undefined ? failed(404, "Device not found") : json(200, found.keys.map(({ key }) => key));
      },
    },
    { method: "GET", path: "/api/plugins/telemetry/DEVICE/{device}/values/timeseries", answer: (call) => timeseries(call, dialect) },
  ],
  caller({ headers, nowMs, body }, _, world) {
    const [, credential = ""] = /^Bearer (.+)$/.exec(headers["x-authorization"] ?? "") ?? [];
    if (credential === "") {
      const username = textField(body, "username") ?? "";
      return { credential: username, account: accountOf(world, "thingsboard", ({ secrets }) => secrets["username"] === username) };
    }
    const read = world.tokens.read(credential, { provider: "thingsboard", kind: "access", nowMs });
    if (read === "expired" || read === undefined) return { credential, account: undefined, expired: read === "expired" };
    return { credential, account: accountOf(world, "thingsboard", ({ id }) => id === read.account) };
  },
  denied: ({ expired }) => (expired === true ? failed(401, "Token has expired", 11) : failed(401, "Authentication failed", 10)),
  limited: (ms) => ({ ...failed(429, "Too many requests for current customer!", 33), headers: retryAfter(ms) }),
  failed,
};
