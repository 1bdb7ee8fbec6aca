import type { z } from "zod";
import type { HttpJsonSettings, MapSettings, TimeSettings } from "./block.ts";
import { EACH_VARIABLE, isPlace, placeholderNames, placesIn, textsOf } from "./template.ts";

type Context = z.core.$RefinementCtx<HttpJsonSettings>;
type Say = (path: readonly (string | number)[], message: string) => void;

const WINDOWED = ["from", "to"];
const PAGED = ["page", "offset"];

/** What fields mean only together; each finding stands at the field to mend. */
export function checkBlock(block: HttpJsonSettings, context: Context): void {
  const say: Say = (path, message) => { context.addIssue({ code: "custom", path: [...path], message }); };
  const { request, history, map, samples } = block;
  if (request === undefined && history === undefined) say(["request"], "expected a request for the newest reading, a history, or both");
  if (request !== undefined && map === undefined) say(["map"], "expected where variable, value and time stand in the answer to request");
  if (history !== undefined && map === undefined && history.map === undefined) say(["history", "map"], "expected where variable, value and time stand in the answer");
  for (const [at, part] of [[["map"], map], [["history", "map"], history?.map]] as const) if (part !== undefined) checkMap(part, at, say);
  checkPlaces(block, say);
  if (history !== undefined) checkPaging(history, say);
  if (block.auth.kind === "basic" && (block.auth.user === undefined) === (block.auth.userRef === undefined)) say(["auth"], "expected user, or userRef with the name of a secret, and not both");
  if (map !== undefined && "columns" in map && samples?.byVariable === true) say(["samples"], "{variable} stands in samples only where map has one value");
  if (block.numbers.decimal === block.numbers.thousands) say(["numbers"], "decimal and thousands cannot be the same sign");
}

function checkMap(map: MapSettings, at: readonly string[], say: Say): void {
  checkTime(map.time, [...at, "time"], say);
  if (!("columns" in map)) return;
  if (Object.keys(map.columns).length === 0) say([...at, "columns"], "expected at least one column");
  for (const [name, column] of Object.entries(map.columns)) if ("path" in column && column.time !== undefined) checkTime(column.time, [...at, "columns", name, "time"], say);
}

function checkTime({ format, zone }: TimeSettings, at: readonly string[], say: Say): void {
  if (format.isLocal && zone === undefined) say([...at, "zone"], `${format.text} has no offset: expected the IANA zone that the service writes in, such as America/Santiago, or UTC`);
}

function checkPlaces(block: HttpJsonSettings, say: Say): void {
  for (const at of ["request", "history", "auth"] as const) {
    const part = block[at];
    for (const name of textsOf(part).flatMap(placesIn)) {
      if (name === EACH_VARIABLE.slice(1, -1)) continue;
      if (!isPlace(name)) say([at], `{${name}} is unknown: expected one of ${placeholderNames.map((known) => `{${known}}`).join(" ")}, {variables*} as a whole query value, or {secret.NAME}`);
      else if (at === "request" && [...WINDOWED, ...PAGED].includes(name)) say([at], `{${name}} belongs to history: request asks for the newest reading`);
      else if (at === "auth" && (placeholderNames as readonly string[]).includes(name)) say([at], `{${name}} has no value in a login, which serves all devices of the account`);
    }
    const elsewhere = textsOf(part).flatMap((text) => (typeof text === "object" ? [] : placesIn(text)));
    if (elsewhere.includes("variables*")) say([at], "{variables*} stands only as a whole query value");
  }
}

function checkPaging(history: NonNullable<HttpJsonSettings["history"]>, say: Say): void {
  const places = textsOf(history).flatMap(placesIn);
  const { kind } = history.paging;
  const { format, zone } = history.time;
  if (format.isLocal && zone === undefined) say(["history", "time", "zone"], `${format.text} has no offset: expected the IANA zone that the service reads`);
  if (!places.includes("from")) say(["history"], "expected {from} in its path, query or body: a history is asked for by time");
  const needed = { none: undefined, time: history.paging.kind === "time" && history.paging.order === "newest-first" ? "to" : undefined, offset: "offset", page: "page", token: "page" }[kind];
  if (needed !== undefined && !places.includes(needed)) say(["history", "paging"], `paging by ${kind} needs {${needed}} in the path, query or body`);
}
