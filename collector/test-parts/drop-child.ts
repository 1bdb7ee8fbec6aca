import { silentLogger, systemClock } from "@caudal/runtime";
import { DropFolder } from "../dropfolder/drop-folder.ts";
import { ClientResolver } from "../edge/client-resolver.ts";
import { openChildEdge } from "./child-edge.ts";

/** A drop folder that kills its own process at a step. Arguments: the data folder, the dropped folder, the step with `/before` or `/after`. */
const [directory = "", folder = "", dieAt = ""] = process.argv.slice(2);
const { documents, metrics, edge } = await openChildEdge(directory);
const dropFolder = new DropFolder({
  folder, client: undefined, zone: "America/Santiago", settleMs: 20, pollMs: 20, edge, resolver: await ClientResolver.open(documents, systemClock), clock: systemClock, logger: silentLogger, metrics,
  faults: {
    reach: (point) => {
      if (point === `collector/dropfolder.${dieAt}`) process.kill(process.pid, "SIGKILL");
    },
  },
});
await dropFolder.start();
