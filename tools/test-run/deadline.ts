// Loaded into every test process: ends one that does not end by itself, and says what it still holds. Node's own limit
// sends SIGTERM, which a library that handles it can swallow.
import { isMainThread } from "node:worker_threads";

const limitMs = 300_000;

if (isMainThread) {
  setTimeout(() => {
    process.stderr.write(`still running after ${limitMs / 1000} s; it holds: ${process.getActiveResourcesInfo().join(", ")}\n`);
    process.exit(1);
  }, limitMs).unref();
}
