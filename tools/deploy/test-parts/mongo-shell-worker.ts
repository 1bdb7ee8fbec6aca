import { parentPort, workerData, type MessagePort } from "node:worker_threads";
import { MongoClient } from "mongodb";

/** Runs the commands that `mongo-shell.ts` sends, one at a time. */
const { url, signal, port } = workerData as { url: string; signal: SharedArrayBuffer; port: MessagePort };
const client = new MongoClient(url, { directConnection: true, serverSelectionTimeoutMS: 10_000 });
const flag = new Int32Array(signal);

port.on("message", (command: Record<string, unknown>) => {
  void client.db("admin").command(command).then(
    (answer) => ({ answer: JSON.parse(JSON.stringify(answer)) as unknown }),
    (error: Error & { code?: number }) => ({ error: { message: error.message, code: error.code } }),
  ).then((outcome) => {
    port.postMessage(outcome);
    Atomics.store(flag, 0, 1);
    Atomics.notify(flag, 0);
  });
});

parentPort?.on("message", () => {
  void client.close().then(() => process.exit());
});
