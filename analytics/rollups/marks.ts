/** Buckets of 15 minutes (by number since 1970 UTC) that must be computed, half-open, and the newest log offset behind them. */
export interface Mark {
  readonly from: number;
  readonly to: number;
  readonly offset: number;
}

/** Marks in order, none overlapping another. */
export type Marks = readonly Mark[];

/** More than these are made fewer by marking what lies between neighbours of one run too. */
const MOST_MARKS = 256;

/** With the mark added. Where it overlaps others the greatest offset holds for all of it: a mark may wait too long, never too short. */
export function addMark(marks: Marks, { from, to, offset }: Mark): Marks {
  let greatest = offset;
  for (const mark of marks) if (mark.from < to && mark.to > from) greatest = Math.max(greatest, mark.offset);
  const outside = clearMarks(marks, { from, to, offset: Infinity });
  const before = outside.filter((mark) => mark.to <= from);
  const merged: Mark[] = [];
  for (const mark of [...before, { from, to, offset: greatest }, ...outside.slice(before.length)]) push(merged, mark);
  return bounded(merged);
}

/** Without what lies in [from, to) and is no newer than `offset`. */
export function clearMarks(marks: Marks, { from, to, offset }: Mark): Marks {
  return marks.flatMap((mark) => {
    if (mark.offset > offset || mark.to <= from || mark.from >= to) return [mark];
    return [{ ...mark, to: from }, { ...mark, from: to }].filter((left) => left.from < left.to);
  });
}

/** True when every bucket of [from, to) is marked. */
export function isMarked(marks: Marks, from: number, to: number): boolean {
  let at = from;
  for (const mark of marks) if (mark.from <= at && mark.to > at) at = mark.to;
  return at >= to;
}

function push(marks: Mark[], mark: Mark): void {
  if (mark.from >= mark.to) return;
  const last = marks.at(-1);
  if (last !== undefined && last.to === mark.from && last.offset === mark.offset) marks[marks.length - 1] = { ...last, to: mark.to };
  else marks.push(mark);
}

function bounded(marks: Mark[]): Marks {
  let kept = marks;
  for (let reach = 0; kept.length > MOST_MARKS; reach = reach * 4 + 1) {
    const fewer: Mark[] = [];
    for (const mark of kept) {
      const last = fewer.at(-1);
      if (last !== undefined && mark.from - last.to <= reach) fewer[fewer.length - 1] = { from: last.from, to: mark.to, offset: Math.max(last.offset, mark.offset) };
      else fewer.push(mark);
    }
    kept = fewer;
  }
  return kept;
}
