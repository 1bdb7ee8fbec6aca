import type { TestContext } from "node:test";
import { openSandbox, type DescribedAccount, type ProviderId, type Sandbox, type SandboxDevice, type SandboxOptions } from "../index.ts";

export const NOON = Date.UTC(2026, 2, 1, 12);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A clock that the test holds. */
export interface HeldClock {
  nowMs: number;
}

export interface Opened {
  readonly sandbox: Sandbox;
  readonly clock: HeldClock;
  readonly account: (provider: ProviderId) => DescribedAccount;
  /** The first device of the kind. */
  readonly device: (provider: ProviderId, kind?: SandboxDevice["kind"]) => SandboxDevice;
}

/** A sandbox that closes with its test, at noon unless the test moves the clock. */
export async function opened(context: TestContext, options: Partial<SandboxOptions> = {}): Promise<Opened> {
  const clock: HeldClock = { nowMs: NOON };
  const sandbox = await openSandbox({ seed: "test", nowMs: () => clock.nowMs, ...options });
  context.after(() => sandbox.close());
  const accounts = new Map(sandbox.accounts().map((each) => [each.provider, each]));
  const account = (provider: ProviderId): DescribedAccount => accounts.get(provider) ?? missing(provider);
  return { sandbox, clock, account, device: (provider, kind = "well") => account(provider).devices.find((each) => each.kind === kind) ?? missing(kind) };
}

function missing(what: string): never {
  throw new Error(`the sandbox has no ${what}`);
}

export interface Got {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers of many shapes, each asserted where it is read
  readonly json: any;
}

/** One request by plain fetch. */
export async function got(url: string, headers: Record<string, string> = {}, body?: unknown): Promise<Got> {
  const form = body instanceof URLSearchParams;
  const response = await fetch(url, body === undefined ? { headers } : { method: "POST", headers: form ? headers : { "content-type": "application/json", ...headers }, body: form ? body : JSON.stringify(body) });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export async function tdataToken(account: DescribedAccount): Promise<Record<string, string>> {
  return { authorization: `Bearer ${(await got(`${account.baseUrl}/tdata/v1/login`, {}, account.secrets)).json.token}` };
}

export function secretOf(of: { readonly secrets: Readonly<Record<string, string>> }, name: string): string {
  return of.secrets[name] ?? missing(name);
}

/** The rows of one key as they truly are, oldest first. */
export function truthRows(sandbox: Sandbox, { device, key, fromMs, toMs }: { readonly device: string; readonly key: string; readonly fromMs: number; readonly toMs: number }) {
  return [...sandbox.truth({ fromMs, toMs, device })].filter((row) => row.key === key);
}
