import { firstAt, mergeRuns, type FactRun } from "@caudal/core";

export type RunStream = AsyncGenerator<FactRun, void, void>;

/**
 * Two streams of one point's facts as one in order; a revision that stands in both is taken from the first. In each stream the runs follow each other in
 * time (latest first when descending) and no instant is split over two. Both are ended when this one is.
 */
export async function* mergeStreams(a: RunStream, b: RunStream, descending: boolean): RunStream {
  try {
    let [headA, headB] = await Promise.all([nextOf(a), nextOf(b)]);
    while (headA !== undefined && headB !== undefined) {
      // Up to here both are known.
      const cutUs: number = descending ? Math.max(firstUs(headA), firstUs(headB)) : Math.min(lastUs(headA), lastUs(headB)) + 1;
      const [partA, restA] = split(headA, cutUs, descending);
      const [partB, restB] = split(headB, cutUs, descending);
      yield mergeRuns(partA, partB, true);
      headA = isEmpty(restA) ? await nextOf(a) : restA;
      headB = isEmpty(restB) ? await nextOf(b) : restB;
    }
    if (headA !== undefined) yield headA;
    if (headB !== undefined) yield headB;
    yield* a;
    yield* b;
  } finally {
    await Promise.all([a.return(), b.return()]);
  }
}

/** The same stream, whose next run is under way while the last one is used: one run ahead and no more. */
export async function* ahead(stream: RunStream): RunStream {
  let next = stream.next();
  try {
    for (let result = await next; result.done !== true; result = await next) {
      next = stream.next();
      // If nobody asks for it any more, its failure is nobody's.
      next.catch(() => undefined);
      yield result.value;
    }
  } finally {
    await next.catch(() => undefined);
    await stream.return();
  }
}

async function nextOf(stream: RunStream): Promise<FactRun | undefined> {
  for (;;) {
    const { done, value } = await stream.next();
    if (done === true) return undefined;
    if (!isEmpty(value)) return value;
  }
}

/** What of a run comes first, and what after; facts at the cut belong to the later time. */
function split({ facts, start, end }: FactRun, cutUs: number, descending: boolean): readonly [FactRun, FactRun] {
  const at = firstAt(facts, cutUs, start, end);
  const [before, after] = [{ facts, start, end: at }, { facts, start: at, end }];
  return descending ? [after, before] : [before, after];
}

function isEmpty({ start, end }: FactRun): boolean {
  return start === end;
}

function firstUs({ facts, start }: FactRun): number {
  return facts.instants[start]!;
}

function lastUs({ facts, end }: FactRun): number {
  return facts.instants[end - 1]!;
}
