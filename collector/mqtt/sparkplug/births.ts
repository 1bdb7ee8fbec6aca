/** What a birth says of one metric. */
export interface BornMetric {
  readonly name: string;
  readonly alias: string | null;
  readonly datatype: number | null;
  readonly unit: string | null;
}

/** One set of metrics, in force from its first birth; the same set born again makes it last longer. */
interface Birth {
  readonly fromUs: number;
  readonly lastUs: number;
  readonly metrics: readonly BornMetric[];
}

/** Births of a node, or of one device of it. Document id: `client/group/node` or `client/group/node/device`. */
export interface BirthRecord {
  /** Who brings it: nodes of two clients may have one name. */
  readonly client: string;
  readonly group: string;
  readonly node: string;
  /** Empty for the node itself. */
  readonly device: string;
  readonly alive: boolean;
  /** Of the node's last birth: a death of another session does not count. */
  readonly bdSeq: number | null;
  /** Newest first; a few, for data that comes late. */
  readonly births: readonly Birth[];
}

const MAX_BIRTHS = 4;

/** Whose births a record holds. */
export type BirthOwner = Pick<BirthRecord, "client" | "group" | "node" | "device">;

export function birthId({ client, group, node, device }: BirthOwner): string {
  return [client, group, node, ...(device === "" ? [] : [device])].join("/");
}

/** The record after a birth. Births may come in any order where several collectors share the work. */
export function born(before: BirthRecord | undefined, birth: { readonly atUs: number; readonly bdSeq: number | null; readonly metrics: readonly BornMetric[] } & BirthOwner): BirthRecord {
  const { client, group, node, device, bdSeq, atUs, metrics } = birth;
  const births = before?.births ?? [];
  const newest = births[0];
  const isOlder = newest !== undefined && atUs < newest.lastUs && !isSame(newest.metrics, metrics);
  const joined = newest !== undefined && isSame(newest.metrics, metrics)
    ? [{ metrics, fromUs: Math.min(newest.fromUs, atUs), lastUs: Math.max(newest.lastUs, atUs) }, ...births.slice(1)]
    : [...births, { metrics, fromUs: atUs, lastUs: atUs }].sort((a, b) => b.lastUs - a.lastUs);
  return { client, group, node, device, alive: true, bdSeq: isOlder ? (before?.bdSeq ?? null) : (bdSeq ?? before?.bdSeq ?? null), births: joined.slice(0, MAX_BIRTHS) };
}

function isSame(a: readonly BornMetric[], b: readonly BornMetric[]): boolean {
  return a.length === b.length && a.every((metric, at) => {
    const other = b[at];
    return other !== undefined && metric.name === other.name && metric.alias === other.alias && metric.datatype === other.datatype && metric.unit === other.unit;
  });
}

/** The births of one owner that data of an instant is read with. */
export interface InForce {
  readonly byAlias: ReadonlyMap<string, BornMetric>;
  readonly byName: ReadonlyMap<string, BornMetric>;
  /** True: the data is older than every birth that is known. */
  readonly isLater: boolean;
}

const indexed = new WeakMap<Birth, InForce>();

/** The newest birth, for data that comes in order behind it. */
export function newestBirth(record: BirthRecord): InForce | undefined {
  const [newest] = record.births;
  return newest === undefined ? undefined : indexOf(newest);
}

/** The birth in force at an instant; the oldest one known for what is older still. */
export function birthAt(record: BirthRecord, timeUs: number): InForce | undefined {
  const found = record.births.find(({ fromUs }) => fromUs <= timeUs);
  if (found !== undefined) return indexOf(found);
  const oldest = record.births.at(-1);
  return oldest === undefined ? undefined : { ...indexOf(oldest), isLater: true };
}

function indexOf(birth: Birth): InForce {
  const known = indexed.get(birth);
  if (known !== undefined) return known;
  const made: InForce = {
    byAlias: new Map(birth.metrics.flatMap((metric) => (metric.alias === null ? [] : [[metric.alias, metric] as const]))),
    byName: new Map(birth.metrics.map((metric) => [metric.name, metric])), isLater: false,
  };
  indexed.set(birth, made);
  return made;
}

/** A device's birth counts only when it came with or after its node's last one. */
export function isOfThisSession(device: BirthRecord, node: BirthRecord | undefined): boolean {
  return (device.births[0]?.lastUs ?? 0) >= (node?.births[0]?.lastUs ?? 0);
}
