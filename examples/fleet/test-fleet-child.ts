/** Plays a folder until it is killed; the test of a kill in the middle runs it. */
import { startFleet } from "./index.ts";

const [mqttUrl, dataDir, stateDir, nowMs] = process.argv.slice(2);
if (mqttUrl === undefined || dataDir === undefined || stateDir === undefined) throw new Error("url, data and state folder are needed");
await startFleet({ mqttUrl, client: "demo", dataDir, stateDir, clock: { nowMs: () => Number(nowMs) } });
