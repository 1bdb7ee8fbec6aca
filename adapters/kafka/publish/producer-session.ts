import type { Link } from "../wire/link.ts";

const SEQUENCES = 2 ** 31;

/**
 * One identity as a producer: the broker counts what it takes from it in each partition, and so knows a batch that comes again. A sequence
 * is never used for other records than it was first sent with; where that cannot be kept, the whole session is thrown away.
 */
export class ProducerSession {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly #next = new Map<string, number>();

  private constructor(producerId: bigint, producerEpoch: number) {
    this.producerId = producerId;
    this.producerEpoch = producerEpoch;
  }

  static async begin(link: Link): Promise<ProducerSession> {
    const answer = (await (await link.any()).call("InitProducerId", { transactionalId: null, transactionTimeout: 30_000 })) as { producerId: string | bigint; producerEpoch: number };
    return new ProducerSession(BigInt(answer.producerId), answer.producerEpoch);
  }

  sequence(place: string): number {
    return this.#next.get(place) ?? 0;
  }

  /** The broker has these records of this session. */
  advance(place: string, records: number): void {
    this.#next.set(place, (this.sequence(place) + records) % SEQUENCES);
  }
}
