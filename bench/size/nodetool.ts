import { execFile } from "node:child_process";
import { readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { cassandraModules } from "../../tools/engines/servers/cassandra-modules.ts";

const CALL_MS = 180_000;
const run = promisify(execFile);

/** A Cassandra server of this machine, as its own tools see it. */
export interface LocalCassandra {
  /** `nodetool WORDS`, by the server's own jars. */
  nodetool(...words: readonly string[]): Promise<void>;
  /** Bytes of all files of a table's sstables, index and statistics included; of the whole keyspace where no table is named. */
  bytes(keyspace: string, table?: string): Promise<number>;
}

/** Undefined where no such process runs on this machine with its data and its JMX port in its command line. */
export async function findLocalCassandra(pids: readonly number[]): Promise<LocalCassandra | undefined> {
  for (const pid of pids) {
    const words = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).split("\0");
    const value = (name: string): string | undefined => words.find((word) => word.startsWith(`-D${name}=`))?.slice(name.length + 3);
    const [folder, port, config] = [value("cassandra.storagedir"), value("cassandra.jmx.local.port"), value("cassandra.config")];
    const jars = words[words.indexOf("-cp") + 1];
    const [java] = words;
    if (folder === undefined || port === undefined || config === undefined || jars === undefined || java === undefined) continue;
    return {
      async nodetool(...asked) {
        const options = [...cassandraModules, "-Xmx128m", "-XX:TieredStopAtLevel=1", `-Dcassandra.config=${config}`, `-Dcassandra.storagedir=${folder}`, "-cp", jars];
        await run(java, [...options, "org.apache.cassandra.tools.NodeTool", "-h", "127.0.0.1", "-p", port, ...asked], { timeout: CALL_MS });
      },
      bytes: (keyspace, table) => bytesOf(join(folder, "data", keyspace), table),
    };
  }
  return undefined;
}

async function bytesOf(keyspaceFolder: string, table?: string): Promise<number> {
  const entries = await readdir(keyspaceFolder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && (table === undefined || entry.parentPath.includes(`/${table}-`)));
  const sizes = await Promise.all(files.map(({ name, parentPath }) => stat(join(parentPath, name)).then(({ size }) => size, () => 0)));
  return sizes.reduce((sum, size) => sum + size, 0);
}
