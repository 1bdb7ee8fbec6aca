const ALARMS = /^(caudal_conservation_(?:residuals_total|residual_facts)(?:\{[^}]*\})?) (-?[\d.e+]+)/gm;

/** Conservation alarms that a process's metrics tell; none where everything adds up. */
export function alarmsIn(metrics: string): readonly string[] {
  return [...metrics.matchAll(ALARMS)].flatMap(([, name, value]) => (Number(value) === 0 ? [] : [`${name} ${value}`]));
}

/** Those of all processes. Rejects where one does not answer. */
export async function alarmsAt(urls: readonly string[]): Promise<readonly string[]> {
  return (await Promise.all(urls.map(async (url) => alarmsIn(await (await fetch(new URL("/metrics", url))).text())))).flat();
}
