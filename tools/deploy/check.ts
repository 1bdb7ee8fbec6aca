import { join } from "node:path";
import { checkAlerts } from "./checks/alerts.ts";
import { checkContainers } from "./checks/containers.ts";
import { checkDashboard } from "./checks/dashboard.ts";
import { checkImage } from "./checks/image.ts";
import { checkKubernetesSchema } from "./checks/kubernetes-schema.ts";
import { checkKubernetes } from "./checks/kubernetes.ts";
import { checkRoutes } from "./checks/routes.ts";
import { checkSettings } from "./checks/settings.ts";
import { checkVersions } from "./checks/versions.ts";

/** What the deployment files are held against. Each gives a line for everything that is wrong. */
export const deployChecks: Readonly<Record<string, (root: string) => string[] | Promise<string[]>>> = {
  settings: checkSettings,
  image: checkImage,
  containers: checkContainers,
  routes: checkRoutes,
  dashboard: checkDashboard,
  alerts: checkAlerts,
  kubernetes: checkKubernetes,
  "kubernetes schema": checkKubernetesSchema,
  versions: checkVersions,
};

/** Everything that is wrong with the deployment files of `root`. A check that cannot read what it needs is a finding too. */
export async function findDeployFaults(root: string): Promise<string[]> {
  const found = await Promise.all(Object.entries(deployChecks).map(async ([name, check]) => {
    try {
      return await check(root);
    } catch (error) {
      return [`${name}: ${error instanceof Error ? error.message : String(error)}`];
    }
  }));
  return found.flat();
}

if (import.meta.main) {
  const findings = await findDeployFaults(join(import.meta.dirname, "..", ".."));
  for (const finding of findings) process.stdout.write(`${finding}\n`);
  process.exitCode = findings.length === 0 ? 0 : 1;
}
