import { npmPeer } from "./npm-peer.ts";

/** Node-RED; its path is the script to run. */
export const nodeRed = npmPeer({
  name: "node-red", version: "5.0.7", package: "node-red", entry: "node-red/red.js", estimate: { downloadMb: 30, seconds: 15 },
  // What is optional is native code for passwords, which no benchmark has.
  options: ["--omit=optional"],
});
