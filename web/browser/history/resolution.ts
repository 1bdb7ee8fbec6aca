export const resolutions = ["auto", "raw", "1m", "5m", "15m", "1h", "1d", "1mo"] as const;
export type Resolution = (typeof resolutions)[number];

const stepMs: Readonly<Record<string, number>> = {
  "1m": 60_000, "5m": 300_000, "15m": 900_000, "1h": 3_600_000, "1d": 86_400_000, "1mo": 31 * 86_400_000,
};

/** Length of a bucket in ms, of a month its longest; null for raw samples. */
export function bucketMs(resolution: string): number | null {
  return stepMs[resolution] ?? null;
}

export function isResolution(text: string | null): text is Resolution {
  return (resolutions as readonly (string | null)[]).includes(text);
}

/** How often a chart that ends now asks again: as often as its buckets can change in a visible way. */
export function refreshMs(resolution: string): number {
  const step = bucketMs(resolution);
  return step === null ? 60_000 : Math.min(300_000, Math.max(15_000, step / 4));
}
