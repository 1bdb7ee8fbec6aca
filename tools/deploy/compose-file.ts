import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

const words = z.union([z.string().transform((line) => [line]), z.array(z.string())]);
const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const serviceSchema = z.object({
  image: z.string(),
  build: z.object({ context: z.string() }).optional(),
  command: words.optional(),
  entrypoint: words.optional(),
  environment: z.record(z.string(), scalar).default({}),
  healthcheck: z.object({ test: z.array(z.string()).optional(), disable: z.boolean().optional(), interval: z.string().optional(), timeout: z.string().optional(), retries: z.number().optional() }).optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.enum(["service_healthy", "service_completed_successfully", "service_started"]) })).default({}),
  volumes: z.array(z.string()).default([]),
  tmpfs: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  secrets: z.array(z.string()).default([]),
  networks: z.array(z.string()).default([]),
  restart: z.string().optional(),
  mem_limit: z.string().optional(),
  stop_grace_period: z.string().optional(),
  read_only: z.boolean().default(false),
  cap_drop: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  user: z.string().optional(),
  hostname: z.string().optional(),
});

/** One service of docker-compose.yml, as far as the checks look at it. */
export type ComposeService = z.output<typeof serviceSchema>;

const fileSchema = z.object({
  services: z.record(z.string(), serviceSchema),
  networks: z.record(z.string(), z.object({ internal: z.boolean().optional() })),
  volumes: z.record(z.string(), z.unknown()),
  secrets: z.record(z.string(), z.object({ file: z.string() })),
});

export interface ComposeFile extends z.output<typeof fileSchema> {
  /** Every variable that the file takes from whoever runs it, with its default. */
  readonly variables: ReadonlyMap<string, string>;
}

/** docker-compose.yml of `root` with its variables at their defaults, or at what `given` says. Throws where it is not of the form that the checks know. */
export function readCompose(root: string, given: Readonly<Record<string, string>> = {}): ComposeFile {
  const variables = new Map<string, string>();
  const filled = (text: string): string => text.replace(/\$\{([A-Z_]+)(?::-([^}]*))?\}/g, (_, name: string, otherwise = "") => {
    variables.set(name, otherwise);
    return given[name] ?? otherwise;
  });
  // After parsing, as Compose does it: an empty value stays a text.
  const walk = (value: unknown): unknown => {
    if (typeof value === "string") return filled(value);
    if (Array.isArray(value)) return value.map(walk);
    return value !== null && typeof value === "object" ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner)])) : value;
  };
  // Its own aliases are many, and nobody else's.
  const file = parse(readFileSync(join(root, "docker-compose.yml"), "utf8"), { merge: true, maxAliasCount: -1 }) as unknown;
  return { ...fileSchema.parse(walk(file)), variables };
}

/** Services that run our image, by name. */
export function ownServices({ services }: ComposeFile): [string, ComposeService][] {
  return Object.entries(services).filter(([, { image }]) => image.startsWith("caudal:"));
}
