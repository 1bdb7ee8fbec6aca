import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const datasource = z.object({ type: z.literal("prometheus"), uid: z.string() });
const panelSchema = z.object({
  id: z.number(), type: z.enum(["timeseries", "stat"]), title: z.string().min(1), description: z.string().min(1), datasource,
  gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  targets: z.array(z.object({ refId: z.string(), expr: z.string().min(1), datasource, legendFormat: z.string().min(1) })).min(1),
});
const dashboardSchema = z.object({ uid: z.string().min(1), title: z.string().min(1), editable: z.literal(false), schemaVersion: z.number(), panels: z.array(panelSchema).min(1) });
export type Panel = z.output<typeof panelSchema>;
export type Dashboard = z.output<typeof dashboardSchema> & { readonly file: string };

export const DASHBOARDS = "deploy/grafana/dashboards";

/** Every provisioned dashboard. Throws where one is not of the form that Grafana and the checks need. */
export function readDashboards(root: string): readonly Dashboard[] {
  return readdirSync(join(root, DASHBOARDS)).filter((file) => file.endsWith(".json")).map((file) => ({ ...dashboardSchema.parse(JSON.parse(readFileSync(join(root, DASHBOARDS, file), "utf8"))), file }));
}

/** Every query of every panel. */
export function queriesOf(dashboards: readonly Dashboard[]): readonly string[] {
  return dashboards.flatMap(({ panels }) => panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)));
}

/** The queries as recording rules, which promtool parses. */
export function asRules(queries: readonly string[]): string {
  const rules = queries.map((expr, index) => `      - { record: "dashboard:query_${index}", expr: ${JSON.stringify(expr)} }`);
  return `groups:\n  - name: dashboard\n    rules:\n${rules.join("\n")}\n`;
}
