import { createHash } from "node:crypto";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { parseInstant } from "@caudal/core";
import type { DirectoryRow, Evidence, LiveEvidence, ParkedEvent, PointRef, RollupBucket, RollupLevel, TierFact } from "../auditor/evidence.ts";

/** The longest range that a history may be asked for, from the beginning of its time. */
const EVERYTHING = { from: "1970-01-01T00:00:00Z", to: "2169-01-01T00:00:00Z", tz: "UTC", format: "ndjson" };
const FACTS_AT_ONCE = 1000;
const levels: readonly RollupLevel[] = ["15m", "1h", "1d"];

interface Listed<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

interface ListedDevice {
  readonly client: string;
  readonly device: string;
  readonly keys: readonly { readonly key: string; readonly variable: string; readonly unit: string; readonly point: string }[];
}

interface ListedParked {
  readonly id: string;
  readonly client: string;
  readonly device: string;
  readonly group: string;
  readonly reason: string;
}

type Line = Readonly<Record<string, unknown>>;

/** What a running installation answers: its devices, raw histories as the one tier, buckets as they are shown, and its parked events. */
export function httpEvidence(url: string, options: { readonly live?: LiveEvidence; readonly token?: string } = {}): Evidence {
  const headers: Record<string, string> = options.token === undefined ? {} : { authorization: `Bearer ${options.token}` };

  async function ask(path: string, query: Readonly<Record<string, string>>): Promise<Response> {
    const response = await fetch(new URL(`${path}?${new URLSearchParams(query).toString()}`, url), { headers });
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${(await response.text()).slice(0, 300)}`);
    return response;
  }

  async function* list<T>(path: string): AsyncGenerator<readonly T[]> {
    let cursor: string | null = "";
    do {
      const page = (await (await ask(path, { limit: "500", ...(cursor === "" ? {} : { cursor }) })).json()) as Listed<T>;
      yield page.items;
      cursor = page.next;
    } while (cursor !== null);
  }

  async function* history({ point }: PointRef, resolution: string): AsyncGenerator<{ timeUs: number; cells: readonly (readonly [string, Line])[] }> {
    const { body } = await ask(`/api/v1/analytics/points/${encodeURIComponent(point)}/history`, { ...EVERYTHING, resolution });
    if (body === null) return;
    for await (const line of createInterface({ input: Readable.fromWeb(body as never), crlfDelay: Infinity })) {
      if (line === "") continue;
      const { time, ...cells } = JSON.parse(line) as Line;
      const timeUs = parseInstant(String(time));
      if (timeUs === undefined) throw new Error(`the history of ${point} has a row at ${String(time)}`);
      yield { timeUs, cells: Object.entries(cells as Readonly<Record<string, Line>>).sort(([a], [b]) => (a < b ? -1 : 1)) };
    }
  }

  return {
    async *directory() {
      for await (const items of list<ListedDevice>("/api/v1/devices")) {
        for (const { client, device, keys } of items) for (const row of keys) if (row.point !== "") yield { client, device, ...row, ignored: false } satisfies DirectoryRow;
      }
    },
    tiers: [{
      name: "api", retentionUs: null,
      floorUs: async () => -Infinity,
      async *facts(point) {
        let facts: TierFact[] = [];
        for await (const { timeUs, cells } of history(point, "raw")) {
          for (const [variable, { value, flag, reasons = [] }] of cells) {
            facts.push({ instantUs: timeUs, variable, value: value as number | null, flag: Number(flag), reasons: [...(reasons as string[])].sort(), authority: null, knownAtUs: null });
          }
          if (facts.length < FACTS_AT_ONCE) continue;
          yield facts;
          facts = [];
        }
        yield facts;
      },
    }],
    async *parked() {
      for await (const items of list<ListedParked>("/api/v1/parked")) {
        const events: ParkedEvent[] = [];
        for (const { id, client, device, group, reason } of items) {
          const { value } = (await (await ask(`/api/v1/parked/${encodeURIComponent(id)}`, {})).json()) as { value: string };
          events.push({ eventId: id, client, device, group, reason, rawSha256: createHash("sha256").update(Buffer.from(value, "base64")).digest("hex") });
        }
        yield events;
      }
    },
    rollups: {
      isSettled: true,
      pending: async () => [],
      async *buckets(point) {
        for (const level of levels) {
          for await (const { timeUs, cells } of history(point, level)) yield cells.map(([variable, cell]) => shownBucket(level, timeUs, variable, cell));
        }
      },
    },
    ...(options.live === undefined ? {} : { live: options.live }),
  };
}

function shownBucket(level: RollupLevel, fromUs: number, variable: string, cell: Line): RollupBucket {
  const number = (name: string): number => (typeof cell[name] === "number" ? cell[name] : NaN);
  return { variable, level, fromUs, count: number("count"), flagged: number("flagged"), min: number("min"), max: number("max"), first: number("first"), last: number("last"), consumption: number("consumption") };
}
