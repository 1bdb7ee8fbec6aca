/** Mean milliseconds of the steps between a device and a tier, over a time, out of the services' own metrics. */
const stages = [
  { metric: "caudal_log_publish_seconds", label: "topic", what: "publish to" },
  { metric: "caudal_batch_seconds", label: "group", what: "a batch of" },
  { metric: "caudal_tier_write_seconds", label: "tier", what: "a write into" },
] as const;

interface Sums {
  readonly seconds: number;
  readonly count: number;
}

/** Sums of the histograms so far, by what is timed, over all processes. */
export async function readStages(urls: readonly string[]): Promise<ReadonlyMap<string, Sums>> {
  const texts = await Promise.all([...new Set(urls)].map((url) => fetch(new URL("/metrics", url)).then((response) => response.text())));
  return sumsOf(texts.join("\n"));
}

export function sumsOf(text: string): ReadonlyMap<string, Sums> {
  const found = new Map<string, Sums>();
  for (const { metric, label, what } of stages) {
    for (const [, part, labels = "", number] of text.matchAll(new RegExp(`^${metric}_(sum|count)\\{([^}]*)\\} (\\S+)$`, "gm"))) {
      const name = `${what} ${new RegExp(`${label}="([^"]*)"`).exec(labels)?.[1] ?? ""}`;
      const { seconds, count } = found.get(name) ?? { seconds: 0, count: 0 };
      found.set(name, part === "sum" ? { seconds: seconds + Number(number), count } : { seconds, count: count + Number(number) });
    }
  }
  return found;
}

/** One sentence on what happened between two looks. */
export function stageText(before: ReadonlyMap<string, Sums>, after: ReadonlyMap<string, Sums>): string {
  const parts = [...after].map(([name, { seconds, count }]) => {
    const old = before.get(name) ?? { seconds: 0, count: 0 };
    return { name, count: count - old.count, ms: ((seconds - old.seconds) * 1000) / (count - old.count) };
  });
  return parts.filter(({ count }) => count > 0).map(({ name, ms, count }) => `${name} ${ms.toFixed(1)} ms (${count} times)`).join(", ");
}
