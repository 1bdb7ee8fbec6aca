import { MAX_LABEL_CHARACTERS } from "../../decode/limits.ts";
import type { Answer, Failure, FailureKind, Normalised, PageAsk, RefusedRow, TimedSample } from "../provider.ts";
import { storagePage, type StoragePage } from "./page.ts";
import type { ThingsStackSettings } from "./settings.ts";
import { storedLines, type StoredLine } from "./stored-lines.ts";

type Message = Extract<StoredLine, { kind: "message" }>;
type ErrorLine = Extract<StoredLine, { kind: "error" }>;
type Ask = PageAsk<ThingsStackSettings>;

/** Codes of gRPC, which errors carry inside a 200. */
const kindOfCode: Readonly<Record<number, FailureKind>> = { 3: "config_error", 5: "config_error", 7: "auth_failed", 8: "rate_limited", 16: "auth_failed" };

/** What a page of stored messages says: each uplink's payload under the same keys and time as it has by MQTT and webhook. */
export function normalise(answer: Answer, ask: Ask): Normalised {
  const lines = storedLines(answer.body, ask.nowUs);
  const messages = lines.filter((line) => line.kind === "message");
  const error = lines.find((line) => line.kind === "error");
  const broken = lines.filter((line) => line.kind === "broken");
  if (messages.length === 0 && error !== undefined) return failureOf(error, answer);
  if (messages.length === 0 && broken.length > 0) return { kind: "bad_payload", detail: `the answer is no stream of messages: ${broken[0]?.detail ?? ""}`, status: answer.status };
  const next = nextOf(answer, ask, { messages, error, isCut: broken.length > 0 });
  if (next !== undefined && "kind" in next) return next;
  return readingOf({ messages, broken, next }, ask);
}

function readingOf({ messages, broken, next }: { readonly messages: readonly Message[]; readonly broken: readonly { readonly raw: Uint8Array; readonly detail: string }[]; readonly next: StoragePage | undefined }, ask: Ask): Normalised {
  const page = storagePage(ask.page);
  const real = messages.filter((message) => !message.isSimulated);
  const simulated = ask.settings.simulated === "drop" ? [] : messages.filter((message) => message.isSimulated);
  const isSecondPart = page.part === "simulated" || real.length === 0;
  const taken = isSecondPart ? simulated : real;
  // Labels are a page's: messages that were simulated come as a page of their own, so that real ones do not carry their label.
  const follows = !isSecondPart && simulated.length > 0 && ask.window !== undefined ? { ...page, part: "simulated" as const } : next;
  const samples = taken.flatMap((message) => samplesOf(message, ask.keys));
  const refused = page.part === "simulated" ? [] : [...messages.flatMap(refusedOf), ...broken.map(({ raw, detail }) => ({ raw, why: "malformed-json" as const, detail }))];
  const more = follows === undefined ? {} : { next: follows };
  if (samples.length === 0 && refused.length === 0) return { kind: "no_data", detail: messages.length === 0 ? "no message is stored" : "no stored message has a key that is asked for", ...more };
  return { kind: "ok", samples, labels: labelsOf(taken), ...(refused.length === 0 ? {} : { refused }), ...more };
}

function samplesOf({ content, timeUs }: Message, keys: readonly string[]): readonly TimedSample[] {
  if (!content.ok || timeUs === undefined) return [];
  const asked = keys.length === 0 ? content.value.samples : content.value.samples.filter(({ key }) => keys.includes(key));
  return asked.flatMap((sample) => (sample.timeUs === null ? [] : [{ ...sample, timeUs: sample.timeUs }]));
}

function refusedOf({ raw, content, timeUs }: Message): readonly RefusedRow[] {
  if (!content.ok) {
    const { why, detail } = content.refusal;
    return [{ raw, why: why === "not-finite" || why === "implausible-time" ? why : "wrong-type", detail }];
  }
  return timeUs === undefined ? [{ raw, why: "implausible-time", detail: "the message says neither when it was received nor when it was measured" }] : [];
}

/** Texts of the page's messages by name: one where all agree, else each once in their order, which is how a frame is found again by its session and counter. */
function labelsOf(messages: readonly Message[]): Readonly<Record<string, string>> {
  const texts = new Map<string, Set<string>>();
  for (const { content } of messages) {
    if (!content.ok) continue;
    for (const [name, text] of Object.entries(content.value.labels)) texts.set(name, (texts.get(name) ?? new Set()).add(text));
  }
  return Object.fromEntries([...texts].map(([name, each]) => [name, joined([...each])]));
}

function joined(texts: readonly string[]): string {
  const all = texts.join(",");
  return all.length <= MAX_LABEL_CHARACTERS ? all : `${texts[0] ?? ""}…${texts.at(-1) ?? ""}`.slice(0, MAX_LABEL_CHARACTERS);
}

function nextOf(answer: Answer, { settings, window, page: written }: Ask, { messages, error, isCut }: { readonly messages: readonly Message[]; readonly error: ErrorLine | undefined; readonly isCut: boolean }): StoragePage | Failure | undefined {
  if (window === undefined) return undefined;
  const page = storagePage(written);
  const token = answer.headers["x-continuation-token"] ?? error?.token;
  const isWhole = error === undefined && !isCut && messages.length < settings.limit;
  if (token === undefined && isWhole) return undefined;
  if (page.n + 1 >= settings.maxPages) return { kind: "config_error", detail: `the window has more than ${settings.maxPages} pages: raise limit or maxPages, or ask for shorter windows` };
  const afterUs = newestReceived(messages, page.afterUs ?? window.fromUs - 1);
  if (token !== undefined) return token === page.token ? { kind: "bad_payload", detail: "the server gives the same continuation token again" } : { n: page.n + 1, afterUs, token };
  // Without any progress the same request would be made for ever.
  if (afterUs <= (page.afterUs ?? -Infinity)) return error === undefined ? { kind: "bad_payload", detail: "the page after this one would be the same again" } : failureOf(error, answer);
  return { n: page.n + 1, afterUs };
}

/** One microsecond before the newest: a message of the same microsecond may have been cut off, and twice the same does no harm. Where all are of one instant, past it. */
function newestReceived(messages: readonly Message[], fromUs: number): number {
  let newest = -Infinity;
  let isOneInstant = true;
  for (const { receivedUs } of messages) {
    if (receivedUs === undefined) continue;
    if (newest !== -Infinity && receivedUs !== newest) isOneInstant = false;
    newest = Math.max(newest, receivedUs);
  }
  if (newest === -Infinity) return fromUs;
  return isOneInstant ? newest + 1 : newest - 1;
}

function failureOf({ code, detail }: ErrorLine, { status }: Answer): Failure {
  return { kind: kindOfCode[code ?? 0] ?? "request_failed", detail: `the storage says: ${detail}`, status };
}
