import { readFile } from "node:fs/promises";
import type { Outcome, RegisteredWork, SlotValues, Verification } from "../regulator.ts";

/** A slot's values, and the file of the request that they become; or why none does. */
export interface GoldenCase {
  readonly vector: string;
  readonly name: string;
  readonly work: RegisteredWork;
  readonly slot: string;
  readonly values: SlotValues;
  readonly sentAt?: string;
  readonly blocked?: string;
}

export interface GoldenAnswer {
  readonly vector: string;
  readonly name: string;
  readonly status: number;
  readonly body: string;
  readonly outcome: Outcome;
}

export interface GoldenVerification extends Omit<GoldenAnswer, "outcome"> {
  readonly verification: Verification;
}

/** The host that stands in golden requests. */
export const GOLDEN_HOST = "regulator.example.test";

export async function goldenList<T>(regulator: "dga" | "sma", name: "cases" | "answers" | "verifications"): Promise<readonly T[]> {
  return JSON.parse(await readFile(fileOf(regulator, `${name}.json`), "utf8")) as readonly T[];
}

/** The bytes of a request: lines of the head end with CR LF on the wire, and the file's last line end is not part of it. */
export async function goldenRequest(regulator: "dga" | "sma", name: string): Promise<string> {
  const text = await readFile(fileOf(regulator, `${name}.txt`), "utf8");
  const end = text.indexOf("\n\n");
  return `${text.slice(0, end).replaceAll("\n", "\r\n")}\r\n\r\n${text.slice(end + 2, -1)}`;
}

function fileOf(regulator: string, name: string): URL {
  return new URL(`../${regulator}/golden/${name}`, import.meta.url);
}
