import { z } from "zod";
import { readManifests } from "./manifests.ts";

const ingressSchema = z.object({
  rules: z.array(z.object({
    http: z.object({ paths: z.array(z.object({ path: z.string(), pathType: z.enum(["Prefix", "Exact"]), backend: z.object({ service: z.object({ name: z.string() }) }) })) }),
  })),
});

/** Which service the ingress of the base sends a prefix to. */
export function ingressRoutes(root: string): readonly { readonly path: string; readonly service: string }[] {
  return readManifests(root).filter(({ kind }) => kind === "Ingress").flatMap((ingress) =>
    ingressSchema.parse(ingress["spec"]).rules.flatMap(({ http }) => http.paths.map(({ path, backend }) => ({ path, service: backend.service.name }))));
}
