import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { queryFindings } from "./dashboard.ts";

const FOLDER = "deploy/prometheus";
const RULES = "rules/*.yml";

const rulesSchema = z.object({ groups: z.array(z.object({
  name: z.string().min(1),
  rules: z.array(z.strictObject({
    alert: z.string().regex(/^Caudal[A-Z]\w+$/), expr: z.string(), for: z.string().optional(), labels: z.strictObject({ severity: z.enum(["warning", "critical"]) }),
    annotations: z.strictObject({ summary: z.string().min(1), description: z.string().min(1) }),
  })).min(1),
})).min(1) });
const configSchema = z.object({ rule_files: z.array(z.string()).default([]) });

/** Each alert asks for metrics that exist with labels that they have, has a name of its own, and is loaded by both configurations of Prometheus. */
export function checkAlerts(root: string): string[] {
  const read = (path: string): unknown => parse(readFileSync(join(root, FOLDER, path), "utf8"));
  const findings: string[] = [];
  const seen = new Set<string>();
  for (const file of readdirSync(join(root, FOLDER, "rules")).filter((name) => name.endsWith(".yml"))) {
    const parsed = rulesSchema.safeParse(read(`rules/${file}`));
    if (!parsed.success) {
      findings.push(...parsed.error.issues.map(({ path, message }) => `${file}: ${path.join(".")}: ${message}`));
      continue;
    }
    for (const { alert, expr, annotations } of parsed.data.groups.flatMap(({ rules }) => rules)) {
      findings.push(...queryFindings(expr).map((finding) => `${file}: ${alert}: ${finding}`));
      if (seen.has(alert)) findings.push(`${file}: two alerts are called ${alert}`);
      seen.add(alert);
      const grouped = [...expr.matchAll(/\bby\s*\(([^)]*)\)/g)].flatMap(([, list = ""]) => list.split(",").map((label) => label.trim()));
      for (const [, label = ""] of Object.values(annotations).join(" ").matchAll(/\$labels\.(\w+)/g)) if (!grouped.includes(label)) findings.push(`${file}: ${alert} tells of ${label}, which its query drops`);
    }
  }
  for (const config of ["prometheus.yml", "kubernetes.yml"]) if (!configSchema.parse(read(config)).rule_files.includes(RULES)) findings.push(`${config} does not load ${RULES}`);
  return findings.map((finding) => `alerts: ${finding}`);
}
