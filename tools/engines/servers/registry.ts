import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { cached } from "../provision/cache.ts";
import type { Cached } from "../provision/cache.ts";
import { findJava, javaOptions } from "../provision/java.ts";
import { fetchTar } from "../provision/maven.ts";
import { clientHosts, type Server, type ServerFiles } from "../server.ts";

const version = "2.6.13.Final";
const artifact = `io.apicurio:apicurio-registry-app:${version}:tar.gz:all`;
const api = "/apis/ccompat/v7";

function fromCache({ folder, cost }: Cached): ServerFiles {
  return { what: `Apicurio Registry ${version} (Maven)`, path: join(folder, "app"), fetched: cost };
}

/** A schema registry with Confluent's interface. It keeps everything in memory: started again it is empty. */
export const registry: Server = {
  name: "registry",
  defaultPort: 8081,
  portStep: 1,
  nodeCounts: [1],
  morePorts: [],
  memoryMb: 300,
  estimate: { downloadMb: 130, seconds: 20 },
  find: () => {
    const there = cached(`registry-${version}`);
    return there && fromCache(there);
  },
  fetch: async () => fromCache(await fetchTar({ engine: "registry", version, artifact, file: `apicurio-registry-app-${version}-all.tar.gz` })),
  prepare: ({ folder }) => Promise.resolve(void mkdirSync(join(folder, "tmp"), { recursive: true })),
  command: ({ host, port, folder }, { files, jit }) => ({
    program: findJava(),
    args: [
      ...javaOptions({ heapMb: 384, jit, temporary: join(folder, "tmp") }),
      `-Dquarkus.http.host=${host}`, `-Dquarkus.http.port=${port}`, "-jar", join(files.path, `apicurio-registry-app-${version}-runner.jar`),
    ],
  }),
  answers: async ({ host, port }) => (await fetch(`http://${host}:${port}${api}/subjects`, { signal: AbortSignal.timeout(3_000) })).ok,
  url: (nodes) => `http://${clientHosts(nodes)}${api}`,
};
