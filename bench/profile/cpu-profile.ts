/** What V8 writes of a thread with `--cpu-prof`, as far as it is read here. Times are microseconds. */
export interface CpuProfile {
  readonly startTime: number;
  readonly nodes: readonly { readonly id: number; readonly callFrame: { readonly functionName: string; readonly url: string }; readonly children?: readonly number[] }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** A stretch of a profile, in microseconds from its beginning. */
export interface Window {
  readonly fromUs: number;
  readonly toUs: number;
}

const GARBAGE = "collecting garbage";
const IDLE = "(idle)";

/**
 * Shares of the thread's busy time by the folder of our code that it was spent for: what a package or Node does counts to the folder that
 * called it, and to the package where none of ours did.
 */
export function sharesByFolder({ nodes, samples, timeDeltas }: CpuProfile, root: string, { fromUs, toUs }: Window): ReadonlyMap<string, number> {
  const frames = new Map(nodes.map((node) => [node.id, node.callFrame]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const parts = new Map<number, string | undefined>();
  const partOf = (id: number): string | undefined => {
    if (!parts.has(id)) parts.set(id, partOfStack(id, root, frames, parents));
    return parts.get(id);
  };
  const spent = new Map<string, number>();
  let busy = 0;
  let atUs = 0;
  for (const [index, id] of samples.entries()) {
    const us = timeDeltas[index] ?? 0;
    atUs += us;
    const part = atUs < fromUs || atUs > toUs ? undefined : partOf(id);
    if (part === undefined) continue;
    spent.set(part, (spent.get(part) ?? 0) + us);
    busy += us;
  }
  return new Map([...spent].map(([part, us]) => [part, us / busy]));
}

type Frame = CpuProfile["nodes"][number]["callFrame"];

/** Undefined for a thread that has nothing to do. */
function partOfStack(id: number, root: string, frames: ReadonlyMap<number, Frame>, parents: ReadonlyMap<number, number>): string | undefined {
  let whose: string | undefined;
  for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
    const frame = frames.get(at);
    if (frame === undefined || frame.functionName === IDLE) return undefined;
    if (frame.functionName === "(garbage collector)") return GARBAGE;
    const path = frame.url.includes(root) ? frame.url.slice(frame.url.indexOf(root) + root.length).replace(/^\//, "") : "";
    const name = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(frame.url)?.[1];
    if (path !== "" && name === undefined) return path.slice(0, path.lastIndexOf("/"));
    whose = name ?? whose;
  }
  return whose ?? "Node and V8";
}
