import type { Scope } from "@caudal/core";
import type { Clock, Logger } from "@caudal/runtime";
import { homeClient } from "../../edge/client-resolver.ts";
import { liveContext } from "../../decode/decode-context.ts";
import { refused, type DecodeContext, type RowOutcome } from "../../decode/decoded.ts";
import { checkMatch, gathered, type DecodedMessage, type MqttMessage, type MqttOutcome, type SaidOfDevice } from "../decode-mqtt.ts";
import type { MappingTable, Match } from "../mapping-table.ts";
import { birthId, born, type BirthOwner, type BirthRecord } from "./births.ts";
import type { BirthStore, NodeRecords } from "./birth-store.ts";
import { parsePayload } from "./payload.ts";
import { readSparkplug, type BirthSaid, type KnownBirths, type SparkplugSays, type Trust } from "./read-message.ts";
import { SPARKPLUG_TYPE } from "./read-metrics.ts";
import { RebirthRate, rebirthCommand } from "./rebirth.ts";
import { isNodesWord, NAMESPACE, parseSparkplugTopic, type SparkplugTopic } from "./sparkplug-topic.ts";
import { WaitingRoom, type Waiter } from "./waiting-room.ts";

interface SparkplugOptions {
  readonly store: BirthStore;
  readonly mappings: MappingTable;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Other collectors get part of a node's messages: no sequence can be followed, and births are looked up each time. */
  readonly isShared: boolean;
  /** Publishes a command at the broker that a message came from. */
  readonly send: (broker: string, topic: string, payload: Uint8Array) => void;
  /** How long data waits for its birth; 5 s when absent. */
  readonly waitMs?: number;
}

/** A message on its way through, and what to do with what it says. */
interface Passing {
  readonly message: MqttMessage & { readonly broker: string; readonly scope: Scope };
  readonly client: string;
  readonly topic: SparkplugTopic;
  readonly match: Match;
  readonly done: (outcome: MqttOutcome | undefined, error?: unknown) => void;
}

interface Waiting extends Passing, Waiter {}

/** The messages of one node, one after another. */
interface Lane {
  readonly id: string;
  readonly queue: Passing[];
  readonly waiting: Set<Waiting>;
  isRunning: boolean;
  /** Of the message before; undefined until one came. */
  seq: number | undefined;
  /** Why the aliases that are known may have changed unheard: a message is missing, or this process was not there. */
  doubt: "gap" | "restart" | undefined;
  isNew: boolean;
}

const WAIT_MS = 5000;
const MOST_WAITING = 5000;
const MOST_WAITING_BYTES = 16 * 1024 * 1024;
const MAX_LANES = 20_000;
const SEQ_MODULUS = 256;

/**
 * Follows Sparkplug B nodes: births with their aliases, sequences, deaths. Data whose aliases are not certain waits for the birth that is asked
 * for, and is parked as `awaits-birth` when none comes in time; nothing is read with aliases that may mean something else.
 */
export class Sparkplug {
  readonly #options: SparkplugOptions;
  readonly #lanes = new Map<string, Lane>();
  readonly #room: WaitingRoom;
  readonly #rate: RebirthRate;
  readonly #open = new Set<Promise<void>>();

  constructor(options: SparkplugOptions) {
    this.#options = options;
    this.#room = new WaitingRoom({ waitMs: options.waitMs ?? WAIT_MS, most: MOST_WAITING, mostBytes: MOST_WAITING_BYTES });
    this.#rate = new RebirthRate(options.clock);
  }

  /** True for messages that must come through here before they can be decoded. */
  takes(topic: string): boolean {
    if (!topic.startsWith(`${NAMESPACE}/`)) return false;
    const levels = parseSparkplugTopic(topic);
    return levels !== undefined && isNodesWord(levels) && this.#options.mappings.find(topic)?.mapping.format === "sparkplug-b";
  }

  /** Calls back once with what the message says, or with the error of the store that could not be asked. */
  resolve(message: Passing["message"], done: Passing["done"]): void {
    const topic = parseSparkplugTopic(message.topic);
    const match = this.#options.mappings.find(message.topic);
    if (topic === undefined || match === undefined) return done({ kind: "unmapped" });
    const checked = checkMatch(match, message);
    if (!checked.ok) return done(checked.refused);
    const client = checked.match.client ?? homeClient(message.scope) ?? "";
    const lane = this.#lane(client, topic);
    lane.queue.push({ message, client, topic, match: checked.match, done: once(done) });
    if (!lane.isRunning) this.#follow(this.#run(lane));
  }

  /**
   * Reads one message again, as of the births that are known by now; it changes nothing. `parked` says whose it was taken for ("" for nobody's) and
   * why it was kept. Rejects as the store does.
   */
  async again(message: MqttMessage, parked: { readonly client: string; readonly reason: string }): Promise<MqttOutcome> {
    const topic = parseSparkplugTopic(message.topic);
    const match = this.#options.mappings.find(message.topic);
    if (topic === undefined || match === undefined) return { kind: "unmapped" };
    const checked = checkMatch(match, message, { anySize: true });
    if (!checked.ok) return checked.refused;
    const records = await this.#options.store.load({ ...topic, client: checked.match.client ?? parked.client });
    const says = this.#read({ message, topic, match }, records, "by-time", {});
    const mayBeEither = parked.reason === "awaits-birth" && this.#isBetween({ message, topic }, records);
    const rows = says.kind === "birth" || (says.kind === "data" && !mayBeEither) ? says.rows : says.kind === "bad" ? [says.row] : [this.#awaits(message, says.kind === "unborn" ? says.what : "its aliases")];
    return gathered(match, message, rows);
  }

  /** Resolves when nothing is under way; what waits for a birth is parked. */
  async drained(): Promise<void> {
    do {
      await Promise.all(this.#open);
      this.#room.clear();
    } while (this.#open.size > 0);
  }

  #follow(work: Promise<void>): void {
    this.#open.add(work);
    void work.finally(() => this.#open.delete(work));
  }

  #lane(client: string, { group, node }: SparkplugTopic): Lane {
    const id = birthId({ client, group, node, device: "" });
    const known = this.#lanes.get(id);
    if (known !== undefined) return known;
    if (this.#lanes.size >= MAX_LANES) for (const [other, lane] of this.#lanes) if (!lane.isRunning && lane.waiting.size === 0) this.#lanes.delete(other);
    const lane: Lane = { id, queue: [], waiting: new Set(), isRunning: false, seq: undefined, doubt: undefined, isNew: true };
    this.#lanes.set(id, lane);
    return lane;
  }

  async #run(lane: Lane): Promise<void> {
    lane.isRunning = true;
    while (lane.queue.length > 0) {
      const batch = lane.queue.splice(0);
      const [{ client, topic }] = batch as [Passing, ...Passing[]];
      try {
        const records = await this.#options.store.load({ ...topic, client });
        for (const passing of batch) await this.#one(lane, records, passing);
      } catch (error) {
        for (const { done } of batch) done(undefined, error);
      }
    }
    lane.isRunning = false;
  }

  async #one(lane: Lane, records: NodeRecords, passing: Passing): Promise<void> {
    const says = this.#read(passing, records, this.#trust(), {});
    if (lane.isNew && says.kind !== "bad") this.#begin(lane, records, passing);
    this.#followSequence(lane, passing, says);
    switch (says.kind) {
      case "bad":
        return this.#tell(passing, [says.row]);
      case "death":
        return this.#death(records, passing, says.bdSeq);
      case "birth":
        await this.#birth(lane, records, passing, says);
        return;
      case "data":
        if (lane.doubt !== undefined && !this.#saysItAll(passing)) return this.#wait(lane, passing, "its aliases");
        this.#rate.settled(lane.id);
        return this.#tell(passing, says.rows);
      case "unborn":
        return this.#wait(lane, passing, says.what);
    }
  }

  #trust(): Trust {
    return this.#options.isShared ? "by-time" : "in-order";
  }

  #read({ message, topic, match }: { readonly message: MqttMessage; readonly topic: SparkplugTopic; readonly match: Match }, records: NodeRecords | undefined, trust: Trust, labels: Readonly<Record<string, string>>): SparkplugSays {
    const known: KnownBirths = { node: records?.get(""), device: topic.device === undefined ? undefined : records?.get(topic.device) };
    return readSparkplug(topic, message.payload, known, { context: contextOf(message, match), trust, labels });
  }

  /** True when the message names all its metrics and their types, so that no alias can mislead. */
  #saysItAll(passing: Passing): boolean {
    return this.#read(passing, undefined, "in-order", {}).kind === "data";
  }

  /** A process that was not there may have missed a birth: it asks for one, and meanwhile trusts what it stored only when none comes. */
  #begin(lane: Lane, records: NodeRecords, { topic, match }: Passing): void {
    lane.isNew = false;
    if (records.size > 0 && !this.#options.isShared && match.mapping.rebirth && topic.type !== "NBIRTH" && topic.type !== "NDEATH") lane.doubt = "restart";
  }

  #followSequence(lane: Lane, { topic, message, match }: Passing, says: SparkplugSays): void {
    if (this.#options.isShared || says.kind === "bad" || says.seq === undefined || topic.type === "NDEATH") return;
    const { seq } = says;
    const isBirth = topic.type === "NBIRTH";
    const expected = lane.seq === undefined ? undefined : (lane.seq + 1) % SEQ_MODULUS;
    lane.seq = seq;
    if (isBirth || expected === undefined || seq === expected) return;
    this.#options.logger.warn("sparkplug.sequence-gap", { node: lane.id, expected, came: seq, topic: message.topic });
    if (match.mapping.rebirth) lane.doubt = "gap";
  }

  async #birth(lane: Lane, records: NodeRecords, passing: Passing, { birth, rows }: { readonly birth: BirthSaid; readonly rows: readonly RowOutcome[] }): Promise<void> {
    const { client, topic: { group, node, device = "" } } = passing;
    const owner = { client, group, node, device };
    await this.#change(records, owner, (before) => born(before, { ...owner, ...birth }));
    if (device === "") lane.doubt = undefined;
    this.#tell(passing, rows, [this.#word(passing, device, "online")]);
    for (const waiting of [...lane.waiting]) this.#lookAgain(lane, records, waiting);
  }

  #lookAgain(lane: Lane, records: NodeRecords, waiting: Waiting): void {
    if (lane.doubt === "gap") return;
    const says = this.#read(waiting, records, "by-time", {});
    if (says.kind !== "data") return;
    this.#leave(lane, waiting);
    this.#tell(waiting, this.#isBetween(waiting, records) ? [this.#awaits(waiting.message, "its aliases: they changed at a birth that may be before or after it")] : says.rows);
  }

  /** True for data from between two births that differ, when a message is missing: either may explain it. */
  #isBetween({ topic, message }: { readonly topic: SparkplugTopic; readonly message: MqttMessage }, records: NodeRecords): boolean {
    const [newest, before] = records.get(topic.device ?? "")?.births ?? [];
    if (newest === undefined || before === undefined) return false;
    const payload = parsePayload(message.payload);
    const timeUs = payload.ok && payload.value.timestampMs !== undefined ? payload.value.timestampMs * 1000 : message.receivedAtUs;
    return timeUs > before.lastUs && timeUs < newest.fromUs;
  }

  async #death(records: NodeRecords, passing: Passing, bdSeq: number | null): Promise<void> {
    const { client, topic: { group, node, device } } = passing;
    const record = records.get(device ?? "");
    // The will of a session before the last birth comes late: the node is there.
    if (device === undefined && bdSeq !== null && record?.bdSeq !== undefined && record.bdSeq !== null && record.bdSeq !== bdSeq) return this.#tell(passing, []);
    const owners = device === undefined ? ["", ...[...records.values()].filter((other) => other.device !== "" && other.alive).map((other) => other.device)] : [device];
    for (const owner of owners) {
      const known = records.get(owner);
      if (known?.alive === true) await this.#change(records, { client, group, node, device: owner }, (before) => ({ ...(before ?? known), alive: false }));
    }
    this.#tell(passing, [], owners.map((owner) => this.#word(passing, owner, "offline")));
  }

  async #change(records: NodeRecords, owner: BirthOwner, next: (before: BirthRecord | undefined) => BirthRecord): Promise<void> {
    const before = records.get(owner.device);
    try {
      await this.#options.store.change(owner, (stored) => next(this.#options.isShared ? stored : (before ?? stored)));
    } catch (error) {
      // The process knows it; only one that starts anew would have to ask the node again.
      this.#options.logger.warn("sparkplug.birth-not-stored", { node: `${owner.group}/${owner.node}`, device: owner.device, error });
    }
    records.set(owner.device, next(before));
  }

  #wait(lane: Lane, passing: Passing, what: string): void {
    const { message, topic, match } = passing;
    if (match.mapping.rebirth && this.#rate.mayAsk(lane.id)) {
      const command = rebirthCommand(topic.group, topic.node, this.#options.clock.nowUs());
      this.#options.logger.info("sparkplug.rebirth-asked", { node: lane.id, because: lane.doubt ?? "no-birth" });
      this.#options.send(message.broker, command.topic, command.payload);
    }
    const waiting: Waiting = { ...passing, bytes: message.payload.length, expire: () => this.#expired(lane, waiting, what) };
    lane.waiting.add(waiting);
    if (!match.mapping.rebirth || !this.#room.enter(waiting)) this.#expired(lane, waiting, what);
  }

  #expired(lane: Lane, waiting: Waiting, what: string): void {
    this.#leave(lane, waiting);
    this.#follow(this.#giveUp(lane, waiting, what));
  }

  async #giveUp(lane: Lane, waiting: Waiting, what: string): Promise<void> {
    if (lane.doubt === "restart") lane.doubt = undefined;
    const records = lane.doubt === undefined ? await this.#options.store.load({ ...waiting.topic, client: waiting.client }).catch(() => undefined) : undefined;
    const says = records === undefined ? undefined : this.#read(waiting, records, this.#trust(), { sparkplug_births: "stored" });
    this.#tell(waiting, says?.kind === "data" ? says.rows : [this.#awaits(waiting.message, what)]);
  }

  #leave(lane: Lane, waiting: Waiting): void {
    lane.waiting.delete(waiting);
    this.#room.leave(waiting);
  }

  #awaits(message: MqttMessage, what: string): RowOutcome {
    return { kind: "park", raw: message.payload, contentType: SPARKPLUG_TYPE, device: null, refusal: refused("awaits-birth", `no birth that is known explains ${what}`).refusal };
  }

  #tell({ match, message, done }: Passing, rows: readonly RowOutcome[], words: readonly SaidOfDevice[] = []): void {
    const decoded: DecodedMessage = gathered(match, message, rows);
    done({ ...decoded, words: [...decoded.words, ...words] });
  }

  /** A device of the node goes by the name that the mapping gives to its own topics. */
  #word({ topic: { group, node }, match }: Passing, device: string, word: SaidOfDevice["word"]): SaidOfDevice {
    const own = device === "" ? `${NAMESPACE}/${group}/NDEATH/${node}` : `${NAMESPACE}/${group}/DDEATH/${node}/${device}`;
    return { device: this.#options.mappings.find(own)?.device ?? match.device ?? node, word, observedAtUs: null };
  }
}

function once(done: Passing["done"]): Passing["done"] {
  let isTold = false;
  return (outcome, error) => {
    if (isTold) return;
    isTold = true;
    done(outcome, error);
  };
}

function contextOf(message: MqttMessage, match: Match): DecodeContext {
  return liveContext(message.receivedAtUs, match.mapping.zone, match.options);
}
