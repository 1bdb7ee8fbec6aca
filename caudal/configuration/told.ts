import type { FieldPath, Place } from "./located.ts";

/** Something that is wrong with the files, in the person's language. */
export interface Told {
  readonly place: Place;
  readonly path: FieldPath;
  readonly detail: string;
  readonly next: string;
}

/** Path of a field as people write it: `keys[3].unit`. */
export function pathText(path: FieldPath): string {
  return path.reduce<string>((text, step) => (typeof step === "number" ? `${text}[${step}]` : text === "" ? step : `${text}.${step}`), "");
}

/** `config/acme/w-07.yaml:12:5`. */
export function placeText({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`;
}
