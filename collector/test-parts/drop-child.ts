import { topicSpecs } from "@caudal/core";
import { openEmbeddedDocuments, openEmbeddedLog, openFileRegistry } from "@caudal/embedded";
import { createMetrics, createParker, silentLogger, systemClock } from "@caudal/runtime";
import { Codec } from "@caudal/schemas";
import { DropFolder } from "../dropfolder/drop-folder.ts";
import { ClientResolver } from "../edge/client-resolver.ts";
import { Edge } from "../edge/edge.ts";
import { Presence } from "../edge/presence.ts";

/** A drop folder that kills its own process at a step. Arguments: the data folder, the dropped folder, the step. */
const [directory = "", folder = "", dieAt = ""] = process.argv.slice(2);
const log = await openEmbeddedLog({ directory });
await log.declareTopics(topicSpecs(2));
const codec = await Codec.open(openFileRegistry());
const metrics = createMetrics({ process: false });
const documents = await openEmbeddedDocuments({ directory });
const edge = new Edge({ log, codec, metrics, parker: createParker({ log, codec, metrics }), presence: new Presence({ log, codec, clock: systemClock, logger: silentLogger }) });
const dropFolder = new DropFolder({
  folder, client: undefined, zone: "America/Santiago", settleMs: 20, pollMs: 20, edge, resolver: await ClientResolver.open(documents, systemClock), clock: systemClock, logger: silentLogger, metrics,
  onStep: (step) => {
    if (step === dieAt) process.kill(process.pid, "SIGKILL");
  },
});
await dropFolder.start();
