import type { Panel } from "../history/panels.ts";
import { isCorrected, markedCells } from "../history/summary.ts";
import type { Cell } from "../wire/history.ts";

/** A sample to be marked, with the scale that its value is on. */
export interface Mark {
  readonly scale: string;
  readonly cell: Cell;
}

export function marksOf(panel: Panel): Mark[] {
  return panel.lines.flatMap((line) => markedCells(line.cells).map((cell) => ({ scale: line.unit, cell })));
}

/** A mark in canvas pixels. */
export interface PlacedMark {
  readonly x: number;
  readonly y: number;
  readonly tone: MarkTone;
}

export type MarkTone = "suspect" | "corrected" | "bad";

export function toneOf(cell: Cell): MarkTone {
  if (isCorrected(cell)) return "corrected";
  return cell.flag === 4 ? "bad" : "suspect";
}

const ranks: Readonly<Record<MarkTone, number>> = { suspect: 0, corrected: 1, bad: 2 };

/** Marks nearer to each other than this are one: more would hide the line. */
const CROWDED_PX = 5;

/** In a crowd bad marks win, then corrected ones. */
export function thinned(marks: readonly PlacedMark[], ratio: number): PlacedMark[] {
  const cell = CROWDED_PX * ratio;
  const taken = new Map<string, PlacedMark>();
  for (const mark of marks) {
    const key = `${Math.round(mark.x / cell)}:${Math.round(mark.y / cell)}`;
    const other = taken.get(key);
    if (other === undefined || ranks[mark.tone] > ranks[other.tone]) taken.set(key, mark);
  }
  return [...taken.values()];
}

/** The part of a canvas context that marks are drawn with. */
export interface MarkCanvas {
  fillStyle: string | CanvasGradient | CanvasPattern;
  strokeStyle: string | CanvasGradient | CanvasPattern;
  lineWidth: number;
  save(): void;
  restore(): void;
  beginPath(): void;
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  closePath(): void;
  fill(): void;
  stroke(): void;
}

export interface MarkColours {
  readonly suspect: string;
  readonly bad: string;
  readonly corrected: string;
  readonly surface: string;
}

const shapes: Readonly<Record<MarkTone, (x: number, y: number, size: number) => readonly (readonly [number, number])[]>> = {
  suspect: (x, y, size) => [[x, y - size], [x + size, y + size * 0.8], [x - size, y + size * 0.8]],
  bad: (x, y, size) => [[x, y - size], [x + size, y], [x, y + size], [x - size, y]],
  corrected: (x, y, size) => [[x - size * 0.85, y - size * 0.85], [x + size * 0.85, y - size * 0.85], [x + size * 0.85, y + size * 0.85], [x - size * 0.85, y + size * 0.85]],
};

/** Suspect is a triangle, bad a diamond, corrected a square: told apart by shape and by colour. */
export function drawMarks(canvas: MarkCanvas, marks: readonly PlacedMark[], ratio: number, colours: MarkColours): void {
  const size = 4.6 * ratio;
  canvas.save();
  canvas.lineWidth = 1.25 * ratio;
  for (const { x, y, tone } of marks) {
    const corners = shapes[tone](x, y, size);
    canvas.fillStyle = colours[tone];
    canvas.strokeStyle = colours.surface;
    canvas.beginPath();
    corners.forEach(([cx, cy], index) => (index === 0 ? canvas.moveTo(cx, cy) : canvas.lineTo(cx, cy)));
    canvas.closePath();
    canvas.fill();
    canvas.stroke();
  }
  canvas.restore();
}
