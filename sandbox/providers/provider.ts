import type { ProviderId, SandboxAccount, SandboxDevice } from "../fleet/device.ts";
import type { LimitUse } from "../limits/limiter.ts";
import type { View } from "./view.ts";
import type { World } from "./world.ts";

/** A request as a provider sees it. */
export interface Ask {
  readonly method: string;
  /** Below the provider's prefix, percent-decoded by segment only when matched. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON, a form's fields, or undefined. */
  readonly body: unknown;
  readonly nowMs: number;
  /** The provider's own address, for links to a next page. */
  readonly baseUrl: string;
}

/** What a provider answers. `json` is written as JSON, `text` as it is. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: { readonly json: unknown } | { readonly text: string; readonly type: string };
}

/** Who asks, as far as the credential tells. */
export interface Caller {
  /** As it came; "" when none did. */
  readonly credential: string;
  /** Undefined for a credential that is not known. */
  readonly account: SandboxAccount | undefined;
  /** When the credential is a device's own. */
  readonly device?: SandboxDevice;
  /** How a token that is not in force fails. */
  readonly expired?: boolean;
}

export interface Call {
  readonly ask: Ask;
  readonly params: Readonly<Record<string, string>>;
  readonly caller: Caller;
  readonly world: World;
  readonly view: View;
}

export interface Route {
  readonly method: "GET" | "POST";
  /** `/telemetry/DEVICE/{device}/values/timeseries`: what is in braces matches one segment. */
  readonly path: string;
  /** True: anybody may ask. */
  readonly open?: boolean;
  answer(call: Call): Reply;
}

/** One provider: how it is asked, who may, and how it says no. */
export interface ProviderModel {
  readonly id: ProviderId;
  readonly title: string;
  /** First segments of paths under which it lives; the first is the one to use. */
  readonly prefixes: readonly string[];
  /** As `requests:seconds`, and how they are counted. */
  readonly limits: { readonly text: string; readonly kind: "fixed" | "bucket"; readonly per: "account" | "account-and-route" | "credential" };
  readonly routes: readonly Route[];
  caller(ask: Ask, params: Readonly<Record<string, string>>, world: World): Caller;
  /** To a caller that is not known or whose token ended. */
  denied(caller: Caller): Reply;
  /** Over the limit. */
  limited(retryAfterMs: number): Reply;
  /** What every answer says of the limit, where the provider does. */
  limitHeaders?(use: LimitUse, nowMs: number): Readonly<Record<string, string>>;
  /** As its failures look, for the statuses that quirks give. */
  failed(status: number, message: string): Reply;
}

export function json(status: number, body: unknown, headers?: Readonly<Record<string, string>>): Reply {
  return { status, body: { json: body }, ...(headers === undefined ? {} : { headers }) };
}

export function retryAfter(retryAfterMs: number): Record<string, string> {
  return { "retry-after": String(Math.max(1, Math.ceil(retryAfterMs / 1000))) };
}
