import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { findMosquitto } from "../../mosquitto.ts";
import { cached } from "../provision/cache.ts";
import type { Cached } from "../provision/cache.ts";
import { fetchDebian } from "../provision/debian.ts";
import { clientHosts, type NodeSettings, type Server, type ServerFiles } from "../server.ts";
import { tcpExchange } from "../tcp-exchange.ts";

const cacheName = "mosquitto-debian";

/** MQTT 3.1.1, clean session, no name, keep-alive 10 s. */
const connectPacket = Buffer.from("100c00044d5154540402000a0000", "hex");
const accepted = Buffer.from("20020000", "hex");

function fromCache({ folder, cost }: Cached): ServerFiles {
  const libraries = ["usr/lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu", "lib/x86_64-linux-gnu", "lib/aarch64-linux-gnu"];
  return {
    what: "Mosquitto (Debian package, unpacked)",
    path: join(folder, "usr", "sbin", "mosquitto"),
    env: { LD_LIBRARY_PATH: libraries.map((path) => join(folder, path)).join(":") },
    fetched: cost,
  };
}

function find(): ServerFiles | undefined {
  const path = findMosquitto();
  if (path !== undefined) return { what: `Mosquitto (${path})`, path };
  const there = cached(cacheName);
  return there && fromCache(there);
}

function settings({ host, port, folder }: NodeSettings): string {
  const lines = [
    `listener ${port} ${host}`, "allow_anonymous true",
    // The default of 1,000 drops a burst without a word.
    "max_queued_messages 100000",
    "persistence true", `persistence_location ${folder}/`, "autosave_interval 5", "log_dest stdout",
  ];
  // As root it would become another user, which cannot write here.
  if (process.getuid?.() === 0) lines.push("user root");
  return `${lines.join("\n")}\n`;
}

/** The machine's Mosquitto, else the Debian package unpacked without root. */
export const mosquitto: Server = {
  name: "mosquitto",
  defaultPort: 1883,
  portStep: 1,
  nodeCounts: [1],
  morePorts: [],
  memoryMb: 30,
  estimate: { downloadMb: 2, seconds: 15 },
  find,
  fetch: async () => find() ?? fromCache(await fetchDebian({ cacheName, name: "mosquitto" })),
  prepare: (node) => Promise.resolve(writeFileSync(join(node.folder, "mosquitto.conf"), settings(node))),
  command: ({ folder }, { files }) => ({ program: files.path, args: ["-c", join(folder, "mosquitto.conf")] }),
  answers: async ({ host, port }) => (await tcpExchange({ host, port, send: connectPacket })).equals(accepted),
  url: (nodes) => `mqtt://${clientHosts(nodes)}`,
};
