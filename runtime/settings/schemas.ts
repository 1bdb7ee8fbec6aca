import { z } from "zod";

/** An address to listen at. Host undefined: the caller's default. Port 0: any free one. */
export interface ListenAddress {
  readonly host: string | undefined;
  readonly port: number;
}

/** Schemas for what people write in settings; each message says what is expected. */

/** `on`, `off` and their usual spellings. */
export const onOff = z.string().transform((written, context) => {
  const value = written.trim().toLowerCase();
  if (["on", "true", "yes", "1"].includes(value)) return true;
  if (["off", "false", "no", "0"].includes(value)) return false;
  context.addIssue({ code: "custom", message: "expected on or off" });
  return z.NEVER;
});

/** A whole number within bounds, both included. */
export function wholeNumber(bounds: { readonly min: number; readonly max: number }): z.ZodType<number> {
  return z.string().transform((written, context) => {
    const value = Number(written.trim());
    if (/^\s*-?\d+\s*$/.test(written) && value >= bounds.min && value <= bounds.max) return value;
    context.addIssue({ code: "custom", message: `expected a whole number from ${bounds.min} to ${bounds.max}` });
    return z.NEVER;
  });
}

/** `[HOST:]PORT`; an IPv6 host stands in brackets. */
export const listenAddress: z.ZodType<ListenAddress> = z.string().transform((written, context) => {
  const match = /^(?:(\[[0-9a-fA-F:.]+\]|[^:\s[\]]+):)?(\d{1,5})$/.exec(written.trim());
  const port = Number(match?.[2]);
  if (match === null || port > 65535) {
    context.addIssue({ code: "custom", message: "expected [HOST:]PORT with a port from 0 to 65535, such as 8000 or 127.0.0.1:8000" });
    return z.NEVER;
  }
  return { host: match[1]?.replace(/^\[|\]$/g, ""), port };
});

const msOf = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A duration such as `250ms`, `30s`, `5m`, `12h`, `3d`, in milliseconds. */
export const durationMs: z.ZodType<number> = z.string().transform((written, context) => {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/.exec(written.trim());
  if (match?.[1] !== undefined) return Number(match[1]) * msOf[match[2] as keyof typeof msOf];
  context.addIssue({ code: "custom", message: "expected a duration such as 250ms, 30s, 5m, 12h or 3d" });
  return z.NEVER;
});

/** Items between commas, without blanks and empty ones. */
export const commaList: z.ZodType<readonly string[]> = z.string().transform((written) =>
  written.split(",").map((item) => item.trim()).filter((item) => item !== ""),
);

/** One of these words, in any case. */
export function oneOf<const W extends readonly [string, ...string[]]>(words: W): z.ZodType<W[number]> {
  return z.string().transform((written, context) => {
    const found = words.find((word) => word.toLowerCase() === written.trim().toLowerCase());
    if (found !== undefined) return found;
    context.addIssue({ code: "custom", message: `expected one of ${words.join(", ")}` });
    return z.NEVER;
  });
}

/** Text that is not blank. */
export const plainText: z.ZodType<string> = z.string().trim().min(1, "expected some text");
