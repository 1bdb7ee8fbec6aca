import { stripTypeScriptTypes } from "node:module";
import ts from "typescript";

/** One line that holds code at run time: its number from 1, and the offsets of its first and last character of code. */
export interface CodeLine {
  readonly number: number;
  readonly start: number;
  end: number;
}

/**
 * The lines of a TypeScript file that hold code at run time: no comments, blank lines, types or imports of types. Node
 * blanks types out in place, so offsets are those that V8 reports.
 */
export function codeLines(source: string): CodeLine[] {
  const running = stripTypeScriptTypes(source);
  const file = ts.createSourceFile("file.js", running, ts.ScriptTarget.Latest, false, ts.ScriptKind.JS);
  const starts = file.getLineStarts();
  const lines = new Map<number, CodeLine>();

  function mark(from: number, to: number): void {
    const last = file.getLineAndCharacterOfPosition(Math.max(from, to - 1)).line;
    for (let line = file.getLineAndCharacterOfPosition(from).line; line <= last; line += 1) {
      const start = Math.max(from, starts[line] ?? 0);
      const end = Math.min(to, starts[line + 1] ?? running.length);
      const known = lines.get(line);
      if (known) known.end = Math.max(known.end, end);
      else lines.set(line, { number: line + 1, start, end });
    }
  }

  function visit(node: ts.Node): void {
    const children = node.getChildren(file).filter((child) => !ts.isJSDoc(child));
    if (children.length > 0) for (const child of children) visit(child);
    else if (node.end > node.getStart(file)) mark(node.getStart(file), node.end);
  }
  visit(file);
  return [...lines.values()].sort((a, b) => a.number - b.number);
}
