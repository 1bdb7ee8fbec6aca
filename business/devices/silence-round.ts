import { deviceKey, formatInstant, groups, systemScope, topics, type DocumentCollection, type EventLog, type LogRecord } from "@caudal/core";
import type { Clock } from "@caudal/runtime";
import type { Codec } from "@caudal/schemas";
import type { PresenceRecord } from "./presence-record.ts";
import { silenceEvent, type SilenceRule } from "./silence.ts";

export interface SilenceRoundOptions {
  readonly log: EventLog;
  readonly codec: Codec;
  readonly records: DocumentCollection<PresenceRecord>;
  readonly clock: Clock;
  readonly rule: SilenceRule;
}

const PAGE = 500;
const MAX_SAID = 100_000;

/**
 * Tells caudal.devices of devices whose data stopped. It only says so: what is known of a device changes when the group that reads the
 * topic has the word, so that several processes which say it say one thing. Nobody is silent before a process has run for the floor's time
 * and has read all that is known: after a stop everybody has time to come back.
 */
export function createSilenceRound({ log, codec, records, clock, rule }: SilenceRoundOptions): () => Promise<number> {
  const startedUs = clock.nowUs();
  const said = new Map<string, number>();
  return async () => {
    const nowUs = clock.nowUs();
    if (nowUs < startedUs + rule.floorMs * 1000) return 0;
    if ((await log.lag(topics.devices, groups.devices)).some(({ lag }) => lag > 0)) return 0;
    let told = 0;
    let cursor: string | undefined;
    do {
      const page = await records.find(systemScope, { range: { field: "silentAfterUs", from: 1, to: nowUs }, orderBy: "silentAfterUs", limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
      const fresh = page.items.flatMap(({ id, body }): LogRecord[] => {
        const { newestUs } = body;
        if (newestUs === undefined || newestUs === null || said.get(id) === newestUs) return [];
        if (said.size >= MAX_SAID) said.clear();
        said.set(id, newestUs);
        const detail = `no data since ${formatInstant(newestUs)}; expected every ${Math.round((body.periodUs ?? 0) / 1e6)} s`;
        return [{ key: deviceKey(body.client, body.device), value: codec.encode("DevicePresence", silenceEvent("silent", body, { newestUs, saidAtUs: nowUs, detail })) }];
      });
      if (fresh.length > 0) {
        await log.publish(topics.devices, fresh).catch((error: unknown) => {
          said.clear();
          throw error;
        });
      }
      told += fresh.length;
      cursor = page.next;
    } while (cursor !== undefined);
    return told;
  };
}
