import { unit } from "../seed/hash.ts";
import type { Delivery } from "../server/exchange.ts";
import type { Reply } from "../providers/provider.ts";
import type { Abuse } from "./abuse.ts";
import type { Held } from "./held.ts";
import { regulatorQuirkOf, type RegulatorId, type RegulatorQuirkName, type RegulatorSwitches } from "./quirks.ts";
import type { NewRequest } from "./request-log.ts";

/** A work that a regulator knows, with who informs for it. The password is made up like all else. */
export interface SandboxWork {
  readonly code: string;
  readonly centreRut: string;
  readonly informantRut: string;
  readonly password: string;
  /** Its level may be left out: very small flows, water met in mining, gates that compute their flow. */
  readonly levelMayBeMissing?: boolean;
}

/** What the regulators stand on. */
export interface RegulatorWorld {
  readonly seed: string;
  readonly held: Held;
  readonly abuse: Abuse;
  readonly switches: RegulatorSwitches;
  /** Registered works by code. */
  readonly works: Map<string, SandboxWork>;
  /** A work that is not registered is taken from whoever sends it; as long as none is registered, always. */
  readonly takesUnknown: boolean;
}

/** True where a work of this code may be sent by anybody. */
export function isAnybodys({ works, takesUnknown }: RegulatorWorld, code: string): boolean {
  return !works.has(code) && (takesUnknown || works.size === 0);
}

/** A request as a regulator sees it. */
export interface RegulatorAsk {
  readonly method: string;
  /** Below the regulator's base. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON; undefined for none, or what cannot be read. */
  readonly body: unknown;
  readonly nowMs: number;
  readonly shows: Shows;
}

/** True of a quirk that this request is to show; it is then told of in the log. */
export type Shows = (quirk: RegulatorQuirkName, about: { readonly work: string; readonly instant: string }) => boolean;

export type Logged = Partial<Pick<NewRequest, "codigoObra" | "instant" | "instantMs" | "centre" | "stored" | "voucher" | "values">> & Pick<NewRequest, "outcome">;

export interface Answered {
  readonly reply: Reply;
  readonly delivery?: Delivery;
  readonly isSlow?: boolean;
  readonly logged: Logged;
}

export interface RegulatorModel {
  readonly id: RegulatorId;
  readonly title: string;
  /** Its base below the sandbox's own. */
  readonly base: string;
  answer(ask: RegulatorAsk, world: RegulatorWorld): Answered;
}

const WINDOW_MS = 20 * 60_000;
const MOST_COUNTED = 1_000_000;

/** Decides quirks from the seed: by work, by window of time, or by the how-manieth request this is about a measurement. */
export class Chance {
  readonly #world: RegulatorWorld;
  readonly #counts = new Map<string, number>();

  constructor(world: RegulatorWorld) {
    this.#world = world;
  }

  /** For one request; `shown` fills with what it shows. */
  of({ regulator, method, nowMs, shown }: { readonly regulator: RegulatorId; readonly method: string; readonly nowMs: number; readonly shown: RegulatorQuirkName[] }): Shows {
    let counted: number | undefined;
    return (quirk, { work, instant }) => {
      const { seed, switches } = this.#world;
      const share = switches.share(regulator, quirk, nowMs);
      if (share <= 0) return false;
      const { level } = regulatorQuirkOf(quirk);
      const name = `${seed}/${regulator}/${quirk}`;
      if (level === "request") counted ??= this.#next(`${regulator}/${method}/${work}/${instant}`);
      const chance = level === "work" ? unit(`${name}/${work}`) : level === "window" ? unit(name, Math.floor(nowMs / WINDOW_MS)) : unit(`${name}/${method}/${work}`, Date.parse(`${instant.replace(" ", "T")}Z`) || 0, counted ?? 0);
      if (chance >= share) return false;
      if (!shown.includes(quirk)) shown.push(quirk);
      return true;
    };
  }

  #next(key: string): number {
    const count = (this.#counts.get(key) ?? 0) + 1;
    if (this.#counts.size >= MOST_COUNTED) this.#counts.clear();
    this.#counts.set(key, count);
    return count;
  }
}

export function jsonReply(status: number, json: unknown): Reply {
  return { status, body: { json } };
}

export function htmlReply(status: number, title: string): Reply {
  return { status, body: { text: `<!doctype html><html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`, type: "text/html; charset=utf-8" } };
}
