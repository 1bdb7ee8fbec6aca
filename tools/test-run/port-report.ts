/** How many tests of one port's suite on one adapter ended which way. */
export interface SuiteCounts {
  passed: number;
  failed: number;
  skipped: number;
}

const ports = ["EventLog", "SchemaRegistry", "SeriesTier", "LiveChannel", "Documents", "SegmentStore"];
const suiteName = new RegExp(`^(${ports.join("|")})(?:: | on )(.+)$`, "s");
const tiers = ["hot", "warm", "cold"];

/** What stands behind an adapter, by what its suite is called. */
const adapters: readonly (readonly [string, RegExp])[] = [
  ["registry", /registry|apicurio|confluent/i], ["kafka", /kafka/i], ["redis", /redis|valkey/i], ["mongo", /mongo/i],
  ["cassandra", /cassandra/i], ["embedded", /embedded|^files/i],
];

/** The suite that a path of describe names stands in: the port with its tier, and the adapter; undefined outside of one. */
export function suiteOf(path: readonly string[]): { port: string; adapter: string } | undefined {
  for (const name of path) {
    const [, port = "", rest = ""] = suiteName.exec(name) ?? [];
    if (port === "") continue;
    // In brackets stand the reasons of quirks, which may name anything.
    const title = rest.replace(/\s*\(.*$/s, "");
    const tier = port === "SeriesTier" ? tiers.find((each) => new RegExp(`\\b${each}\\b`, "i").test(title)) : undefined;
    const adapter = adapters.find(([, pattern]) => pattern.test(title))?.[0] ?? title;
    return { port: tier === undefined ? port : `${port} ${tier}`, adapter };
  }
  return undefined;
}

/** Counts the tests of the ports' suites, each adapter beside the others. */
export class PortReport {
  readonly #cells = new Map<string, Map<string, SuiteCounts>>();

  /** Counts one test that ended; `path` is the names around it and its own. */
  count(path: readonly string[], outcome: keyof SuiteCounts): void {
    const suite = suiteOf(path);
    if (suite === undefined) return;
    const row = this.#cells.get(suite.port) ?? new Map<string, SuiteCounts>();
    const cell = row.get(suite.adapter) ?? { passed: 0, failed: 0, skipped: 0 };
    cell[outcome] += 1;
    this.#cells.set(suite.port, row.set(suite.adapter, cell));
  }

  /** The table, ports by adapters; empty when no suite ran. */
  lines(): string[] {
    if (this.#cells.size === 0) return [];
    const adapterNames = [...new Set([...this.#cells.values()].flatMap((row) => [...row.keys()]))].sort(byPlace(["embedded", "kafka", "registry", "redis", "mongo", "cassandra"]));
    const rows = [...this.#cells.keys()].sort(byPlace(ports.flatMap((port) => [port, ...tiers.map((tier) => `${port} ${tier}`)])));
    return table([
      ["suite", ...adapterNames],
      ...rows.map((port) => [port, ...adapterNames.map((adapter) => cellText(this.#cells.get(port)?.get(adapter)))]),
    ]);
  }
}

/** Cells in columns, each line indented by two. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd());
}

function cellText(counts: SuiteCounts | undefined): string {
  if (counts === undefined) return "-";
  const { passed, failed, skipped } = counts;
  return [`${passed} passed`, ...(failed > 0 ? [`${failed} FAILED`] : []), ...(skipped > 0 ? [`${skipped} skipped`] : [])].join(", ");
}

/** In the order of a list; what it does not name comes last, by name. */
function byPlace(order: readonly string[]): (a: string, b: string) => number {
  const place = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  return (a, b) => place(a) - place(b) || a.localeCompare(b);
}
