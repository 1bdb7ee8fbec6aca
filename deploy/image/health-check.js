// Exit 0 when this container's own server says that it can take work, 1 when it does not.
import { get } from "node:http";
import process from "node:process";

const WAIT_MS = 4000;
const port = (process.env.CAUDAL_HTTP ?? "8000").split(":").at(-1);

process.exitCode = 1;
const request = get(`http://127.0.0.1:${port}/readyz`, { timeout: WAIT_MS }, (response) => {
  response.resume();
  process.exitCode = response.statusCode === 200 ? 0 : 1;
});
request.on("timeout", () => request.destroy());
request.on("error", () => {});
