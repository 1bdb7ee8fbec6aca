import type { SaidDevice, StatedDevice } from "@caudal/core";
import type { FieldPath } from "./located.ts";

/** Where the file says what a path of the whole configuration is about; the nearest place around it where the file says nothing of it. */
export function placeIn(target: StatedDevice, said: SaidDevice, path: FieldPath): FieldPath {
  const [part, index, ...rest] = path;
  if (typeof index !== "number" || (part !== "keys" && part !== "feeds" && part !== "points")) return path;
  const at = indexOf(target, said, part, index);
  return at < 0 ? [part] : [part, at, ...rest];
}

function indexOf(target: StatedDevice, said: SaidDevice, part: "keys" | "feeds" | "points", index: number): number {
  if (part === "points") {
    const channel = target.points[index]?.channel ?? "";
    return (said.points ?? []).findIndex((point) => (point.channel ?? "") === channel);
  }
  if (part === "feeds") {
    const feed = target.feeds?.[index];
    return (said.feeds ?? []).findIndex(({ key, point }) => key === feed?.key && point === feed.point);
  }
  const meaning = target.keys[index];
  const same = (said.keys ?? []).findIndex(({ key, validFrom }) => key === meaning?.key && validFrom === meaning.validFrom);
  return same >= 0 ? same : (said.keys ?? []).findIndex(({ key }) => key === meaning?.key);
}
