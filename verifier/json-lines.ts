import { canonical } from "./canonical.ts";
import { isObject, type Fields } from "./fields.ts";
import type { FindingList } from "./finding.ts";
import { linesOf, type PackFile } from "./pack-files.ts";

export interface JsonLine {
  readonly line: number;
  readonly value: Fields;
}

/** Objects of a file with one a line. A line that cannot be read is told and passed over; one that is not written canonically is told and read. */
export function* jsonLines(file: PackFile, findings: FindingList): Generator<JsonLine> {
  for (const { line, text, ended } of linesOf(file)) {
    const tell = (detail: string): void => findings.add("line", file.name, { line, detail });
    if (!ended) tell("the last line has no end: the file was cut");
    if (text === undefined) {
      tell("it is not UTF-8, or longer than a line may be");
      continue;
    }
    let value: unknown;
    let written: string;
    try {
      value = JSON.parse(text);
      written = canonical(value);
    } catch (error) {
      tell(`it is not JSON: ${error instanceof Error ? error.message : String(error)}`);
      continue;
    }
    if (!isObject(value)) tell("it is not an object");
    else {
      if (written !== text) findings.add("not-canonical", file.name, { line, detail: "it is not written as RFC 8785 writes it" });
      yield { line, value };
    }
  }
}
