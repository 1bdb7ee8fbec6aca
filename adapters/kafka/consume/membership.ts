import { kindOf } from "../wire/failure.ts";
import type { ApiName } from "../wire/kafkajs.ts";
import type { Link } from "../wire/link.ts";
import { insist } from "../wire/patience.ts";
import type { Wire } from "../wire/wire.ts";
import { decodeShare, encodeShare, encodeSubscription, share, SHARING } from "./assignment.ts";

export interface MembershipSettings {
  readonly groupId: string;
  readonly topic: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
}

export interface Generation {
  readonly generation: number;
  readonly partitions: readonly number[];
}

export interface Position {
  readonly partition: number;
  readonly offset: number;
}

/** A join waits for the others, and for those that will not come. */
const JOIN_SLACK_MS = 5000;
const COMMIT_WITHIN_MS = 5000;
/** The group is coordinated by another broker now. */
const elsewhere = new Set(["NOT_COORDINATOR_FOR_GROUP", "GROUP_COORDINATOR_NOT_AVAILABLE", "NOT_COORDINATOR", "COORDINATOR_NOT_AVAILABLE"]);

/** The protocol of one member of a group: join, sync, heartbeat, commit, leave. */
export class Membership {
  readonly #settings: MembershipSettings;
  readonly #link: () => Link;
  #memberId = "";
  #generation = -1;
  #coordinator: Wire | undefined;

  constructor(link: () => Link, settings: MembershipSettings) {
    this.#link = link;
    this.#settings = settings;
  }

  /** Takes part in the next generation; resolves with the partitions of this member in it. */
  async join(): Promise<Generation> {
    const { groupId, topic } = this.#settings;
    try {
      const joined = await this.#askToJoin();
      const shares = joined.leaderId === joined.memberId ? await this.#deal(joined.members) : [];
      const waitMs = this.#settings.rebalanceTimeoutMs + JOIN_SLACK_MS;
      const synced = (await this.#ask("SyncGroup", { groupId, generationId: joined.generationId, memberId: joined.memberId, groupAssignment: shares }, waitMs)) as { memberAssignment: Buffer };
      this.#generation = joined.generationId;
      return { generation: joined.generationId, partitions: decodeShare(synced.memberAssignment, topic) };
    } catch (error) {
      if (kindOf(error) === "UNKNOWN_MEMBER_ID") this.#memberId = "";
      throw error;
    }
  }

  /** Fails as REBALANCE_IN_PROGRESS, ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID. */
  async heartbeat(): Promise<void> {
    await this.#ask("Heartbeat", { groupId: this.#settings.groupId, groupGenerationId: this.#generation, memberId: this.#memberId }, Math.ceil(this.#settings.sessionTimeoutMs / 3));
  }

  /** Fails as the heartbeat does, at once; tries again what may pass. */
  async commit(generation: number, positions: readonly Position[]): Promise<void> {
    const { groupId, topic } = this.#settings;
    const partitions = positions.map(({ partition, offset }) => ({ partition, offset: String(offset) }));
    await insist(
      () => this.#ask("OffsetCommit", { groupId, groupGenerationId: generation, memberId: this.#memberId, topics: [{ topic, partitions }] }, Math.ceil(this.#settings.sessionTimeoutMs / 3)),
      { doing: `commit of ${groupId}`, withinMs: COMMIT_WITHIN_MS },
    );
  }

  /** Over a link of its own when the member's is waiting for a join. */
  async leave(link = this.#link()): Promise<void> {
    const { groupId, sessionTimeoutMs } = this.#settings;
    const memberId = this.#memberId;
    if (memberId === "") return;
    this.#memberId = "";
    const coordinator = await link.coordinator(groupId);
    await coordinator.call("LeaveGroup", { groupId, memberId }, { withinMs: Math.ceil(sessionTimeoutMs / 3) });
  }

  async #askToJoin(): Promise<Joined> {
    const { groupId, topic, sessionTimeoutMs, rebalanceTimeoutMs } = this.#settings;
    const ask = async (): Promise<Joined> => {
      const groupProtocols = [{ name: SHARING, metadata: encodeSubscription(topic) }];
      const request = { groupId, sessionTimeout: sessionTimeoutMs, rebalanceTimeout: rebalanceTimeoutMs, memberId: this.#memberId, protocolType: "consumer", groupProtocols };
      return (await this.#ask("JoinGroup", request, rebalanceTimeoutMs + JOIN_SLACK_MS)) as Joined;
    };
    const joined = await ask().catch((error: unknown) => {
      if (kindOf(error) !== "MEMBER_ID_REQUIRED") throw error;
      // A newcomer is given its name first, so that one that gives up can be told apart.
      this.#memberId = (error as { memberId: string }).memberId;
      return ask();
    });
    this.#memberId = joined.memberId;
    return joined;
  }

  async #ask(api: ApiName, request: object, withinMs?: number): Promise<unknown> {
    if (this.#coordinator?.alive !== true) this.#coordinator = await this.#link().coordinator(this.#settings.groupId);
    try {
      return await this.#coordinator.call(api, request, withinMs === undefined ? {} : { withinMs });
    } catch (error) {
      if (elsewhere.has(kindOf(error))) this.#coordinator = undefined;
      throw error;
    }
  }

  async #deal(members: Joined["members"]): Promise<{ memberId: string; memberAssignment: Buffer }[]> {
    const { topic } = this.#settings;
    const link = this.#link();
    link.forget(topic);
    const partitions = await link.leaders(topic);
    const shares = share(members.map(({ memberId }) => memberId), partitions.length);
    return [...shares].map(([memberId, own]) => ({ memberId, memberAssignment: encodeShare(topic, own) }));
  }
}

interface Joined {
  readonly generationId: number;
  readonly leaderId: string;
  readonly memberId: string;
  readonly members: readonly { readonly memberId: string }[];
}
