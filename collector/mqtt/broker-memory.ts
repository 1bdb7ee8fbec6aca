import type { Aedes } from "aedes";

/** The parts of aedes' store in memory that grow with what clients leave behind. */
interface Store {
  storeRetained(packet: { topic: string; payload: Uint8Array }): Promise<void>;
  outgoingEnqueueCombi(subscriptions: readonly { clientId: string }[], packet: unknown): Promise<void>;
  outgoingClearMessageId(client: { id: string }, packet: unknown): Promise<unknown>;
}

const MAX_RETAINED_TOPICS = 10_000;
const MAX_RETAINED_BYTES = 64 * 1024;
const MAX_WAITING_PER_SESSION = 1000;
const MAX_SESSIONS = 1000;

/**
 * Bounds what the broker keeps for clients that are away: retained messages (small ones, so many) and messages waiting for a session. The
 * rest is not kept for them; what a mapping takes is in the log all the same.
 */
export function boundBrokerMemory(broker: Aedes): void {
  const store = (broker as unknown as { persistence: Store }).persistence;
  const retained = new Set<string>();
  const waiting = new Map<string, number>();
  const storeRetained = store.storeRetained.bind(store);
  const enqueue = store.outgoingEnqueueCombi.bind(store);
  const clear = store.outgoingClearMessageId.bind(store);

  store.storeRetained = async (packet) => {
    if (packet.payload.length === 0) retained.delete(packet.topic);
    else if (packet.payload.length > MAX_RETAINED_BYTES || (retained.size >= MAX_RETAINED_TOPICS && !retained.has(packet.topic))) return;
    else retained.add(packet.topic);
    await storeRetained(packet);
  };
  store.outgoingEnqueueCombi = async (subscriptions, packet) => {
    const kept = subscriptions.filter(({ clientId }) => {
      const count = waiting.get(clientId) ?? 0;
      if (count >= MAX_WAITING_PER_SESSION || (count === 0 && waiting.size >= MAX_SESSIONS)) return false;
      waiting.set(clientId, count + 1);
      return true;
    });
    await enqueue(kept, packet);
  };
  store.outgoingClearMessageId = async (client, packet) => {
    const cleared = await clear(client, packet);
    const count = (waiting.get(client.id) ?? 0) - (cleared === undefined ? 0 : 1);
    if (count > 0) waiting.set(client.id, count);
    else waiting.delete(client.id);
    return cleared;
  };
}
