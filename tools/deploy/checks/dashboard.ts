import { readFileSync } from "node:fs";
import { join } from "node:path";
import { metricRows, type MetricRow } from "@caudal/runtime";
import { parse } from "yaml";
import { z } from "zod";
import { readCompose } from "../compose-file.ts";
import { queriesOf, readDashboards, type Dashboard, type Panel } from "../dashboard.ts";

const COLUMNS = 24;
/** Prometheus's own. */
const theirs = { metrics: ["up"], labels: ["le", "job", "service", "instance", "pod"] };
const rows: readonly MetricRow[] = metricRows;
/** What the dashboard must show: throughput, lag, parked, last write, residual. */
const wanted = ["caudal_readings_accepted_total", "caudal_consumed_records_total", "caudal_lag_records", "caudal_parked_total", "caudal_tier_last_write_timestamp_seconds", "caudal_facts_in_total", "caudal_facts_out_total"];

/** The row behind a name in a query; a histogram is asked by its buckets, sum or count. */
function rowOf(name: string): MetricRow | undefined {
  return rows.find((row) => (row.kind === "histogram" ? ["_bucket", "_sum", "_count"].some((end) => name === `${row.name}${end}`) : row.name === name));
}

/** Names that a query uses: of metrics, and of labels in matchers and groupings. */
export function namesIn(query: string): { readonly metrics: readonly string[]; readonly labels: readonly string[] } {
  const grouped = [...query.matchAll(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g)].flatMap(([, list = ""]) => list.split(","));
  const matched = [...query.matchAll(/\{([^}]*)\}/g)].flatMap(([, list = ""]) => [...list.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = ""]) => label));
  const bare = query.replace(/"[^"]*"|\{[^}]*\}|\[[^\]]*\]/g, " ").replace(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, " ");
  const words = [...bare.matchAll(/\b([a-zA-Z_:][\w:]*)\b(?!\s*\()/g)].map(([, word = ""]) => word);
  const operators = new Set(["or", "and", "unless", "bool", "offset", "sum", "max", "min", "avg", "count", "inf", "nan"]);
  return { metrics: [...new Set(words.filter((word) => !operators.has(word.toLowerCase())))], labels: [...new Set([...grouped, ...matched].map((label) => label.trim()).filter((label) => label !== ""))] };
}

/** What is wrong with the names of a query. */
export function queryFindings(query: string): string[] {
  const { metrics, labels } = namesIn(query);
  const used = metrics.map((name) => [name, rowOf(name)] as const);
  const known = new Set([...used.flatMap(([, row]) => row?.labels ?? []), ...theirs.labels]);
  return [
    ...used.filter(([name, row]) => row === undefined && !theirs.metrics.includes(name)).map(([name]) => `there is no metric ${name}`),
    ...labels.filter((label) => !known.has(label)).map((label) => `none of its metrics has a label ${label}`),
  ];
}

const overlap = (a: Panel["gridPos"], b: Panel["gridPos"]): boolean => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

function panelFindings({ panels }: Dashboard, datasource: string): string[] {
  const ids = Map.groupBy(panels, ({ id }) => id);
  return [
    ...[...ids].filter(([, same]) => same.length > 1).map(([id]) => `two panels have the id ${id}`),
    ...panels.flatMap((panel, index) => {
      const { title, gridPos, targets } = panel;
      const findings = targets.flatMap(({ expr }) => queryFindings(expr).map((finding) => `${finding}: ${expr}`));
      if ([panel, ...targets].some((each) => each.datasource.uid !== datasource)) findings.push("asks a datasource that is not provisioned");
      if (new Set(targets.map(({ refId }) => refId)).size < targets.length) findings.push("two of its queries have one refId");
      if (gridPos.x + gridPos.w > COLUMNS) findings.push("is wider than the page");
      for (const other of panels.slice(index + 1)) if (overlap(gridPos, other.gridPos)) findings.push(`lies over ${other.title}`);
      return findings.map((finding) => `${title}: ${finding}`);
    }),
  ];
}

const sourcesSchema = z.object({ datasources: z.tuple([z.object({ uid: z.string(), url: z.url() })]) });
const providersSchema = z.object({ providers: z.array(z.object({ options: z.object({ path: z.string() }) })) });

/** Each query names a metric that exists with labels that it has, each panel a datasource that is provisioned, and Grafana finds it all. */
export function checkDashboard(root: string): string[] {
  const provisioning = (path: string): unknown => parse(readFileSync(join(root, "deploy/grafana/provisioning", path), "utf8"));
  const { uid, url } = sourcesSchema.parse(provisioning("datasources/prometheus.yml")).datasources[0];
  const { services } = readCompose(root);
  const dashboards = readDashboards(root);
  const asked = new Set(queriesOf(dashboards).flatMap((query) => namesIn(query).metrics));
  const findings = dashboards.flatMap((dashboard) => panelFindings(dashboard, uid).map((finding) => `${dashboard.file}: ${finding}`));
  for (const name of wanted) if (!asked.has(name)) findings.push(`no panel shows ${name}`);
  const { hostname, port } = new URL(url);
  if (!services[hostname]?.ports.some((each) => each.endsWith(`:${port}`))) findings.push(`the datasource asks ${url}`);
  const mounted = services["grafana"]?.volumes.map((volume) => volume.split(":")[1]) ?? [];
  for (const { options } of providersSchema.parse(provisioning("dashboards/caudal.yml")).providers) if (!mounted.includes(options.path)) findings.push(`nothing is mounted at ${options.path}`);
  return findings.map((finding) => `grafana: ${finding}`);
}
