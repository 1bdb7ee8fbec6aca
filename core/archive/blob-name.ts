import { CaudalError } from "../errors.ts";

const PART = /^[a-z0-9._=-]+$/;
const MAX_NAME_LENGTH = 512;
const MAX_PART_LENGTH = 200;

/** Fails with "bad-request" unless the text can name a segment: parts of `[a-z0-9.=_-]` with `/`, none only of dots. */
export function mustBeName(name: string): void {
  if (name.length <= MAX_NAME_LENGTH && name.split("/").every(isPart)) return;
  throw new CaudalError("bad-request", `"${name.slice(0, MAX_NAME_LENGTH)}" cannot name a segment: parts of a-z 0-9 . = _ - with / between them`);
}

/** Fails with "bad-request" unless names may start with the text; it may end within a part. */
export function mustBePrefix(prefix: string): void {
  const parts = prefix.split("/");
  const last = parts.pop() ?? "";
  if (parts.every(isPart) && (last === "" || PART.test(last))) return;
  throw new CaudalError("bad-request", `no segment's name starts with "${prefix.slice(0, MAX_NAME_LENGTH)}"`);
}

function isPart(part: string): boolean {
  return PART.test(part) && part.length <= MAX_PART_LENGTH && !/^\.+$/.test(part);
}
