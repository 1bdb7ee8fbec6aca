import type { Calendar, Span } from "../buckets/calendar.ts";
import { levelsByStep, type LevelName } from "../rollups/level.ts";
import { cutSpans, spansBetween } from "../rollups/spans.ts";

/** A stretch of time and where its buckets come from: folded from raw rows, or stored at a level. */
export interface Piece extends Span {
  readonly from: "raw" | LevelName;
}

/**
 * Cuts a range into pieces. What lies in `raw` (in order and apart) is folded from rows; all else is taken from the coarsest stored level
 * whose buckets lie wholly in one bucket of the calendar, and from rows where none does.
 */
export function* piecesOf(range: Span, calendar: Calendar, raw: readonly Span[]): Generator<Piece> {
  let last: Piece | undefined;
  for (const piece of unmerged(range, calendar, raw)) {
    if (last !== undefined && last.from === piece.from && last.toUs === piece.fromUs) {
      last = { ...last, toUs: piece.toUs };
      continue;
    }
    if (last !== undefined) yield last;
    last = piece;
  }
  if (last !== undefined) yield last;
}

function* unmerged(range: Span, calendar: Calendar, raw: readonly Span[]): Generator<Piece> {
  const fromRows = cutSpans(raw, range);
  let at = 0;
  for (const stored of spansBetween(fromRows, range)) {
    while (at < fromRows.length && fromRows[at]!.fromUs < stored.fromUs) yield { from: "raw", ...fromRows[at++]! };
    for (let fromUs = stored.fromUs; fromUs < stored.toUs;) {
      const toUs = Math.min(calendar.spanAt(fromUs).toUs, stored.toUs);
      yield* storedPieces({ fromUs, toUs });
      fromUs = toUs;
    }
  }
  while (at < fromRows.length) yield { from: "raw", ...fromRows[at++]! };
}

/** Pieces of a span that lies in one bucket: coarse in the middle, finer towards its ends. */
function* storedPieces({ fromUs, toUs }: Span): Generator<Piece> {
  const finest = levelsByStep.at(-1)!.stepUs;
  for (let at = fromUs; at < toUs;) {
    const level = levelsByStep.find(({ stepUs }) => at % stepUs === 0 && at + stepUs <= toUs);
    if (level === undefined) {
      const nextUs = Math.min(toUs, (Math.floor(at / finest) + 1) * finest);
      yield { from: "raw", fromUs: at, toUs: nextUs };
      at = nextUs;
      continue;
    }
    const coarser = levelsByStep[levelsByStep.indexOf(level) - 1]?.stepUs ?? Infinity;
    const boundaryUs = coarser === Infinity ? Infinity : (Math.floor(at / coarser) + 1) * coarser;
    const endUs = Math.min(boundaryUs, at + Math.floor((toUs - at) / level.stepUs) * level.stepUs);
    yield { from: level.name, fromUs: at, toUs: endUs };
    at = endUs;
  }
}
