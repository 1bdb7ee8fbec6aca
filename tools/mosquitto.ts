import { firstExecutable } from "./executable.ts";

const brokers = ["/usr/sbin/mosquitto", "/usr/bin/mosquitto", "/usr/local/sbin/mosquitto", "/opt/homebrew/sbin/mosquitto"];
const publishers = ["/usr/bin/mosquitto_pub", "/usr/local/bin/mosquitto_pub", "/opt/homebrew/bin/mosquitto_pub"];

/** The Mosquitto broker of this machine, if any; bridge tests use it, or else aedes in a child process. */
export function findMosquitto(): string | undefined {
  return firstExecutable(brokers);
}

/** Mosquitto's command-line publisher, if any. */
export function findMosquittoPub(): string | undefined {
  return firstExecutable(publishers);
}
