const network = new Set([
  "ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH", "EHOSTUNREACH", "EPIPE",
  "ERR_SOCKET_TIMEOUT", "EIDLETIMEOUT", "ECONNECTIONTIMEOUT", "ERESPONSETIMEOUT", "ETRANSFERTIMEOUT", "EINVALIDPROXY",
]);
const certificate = /^(CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|ERR_TLS_|ERR_SSL_)/;
const refused = /^(E40\d|E5\d\d|ETARGET|ENEEDAUTH|EOTP)$/;

/** A set-up step that could not be finished, with what a person can do about it. */
export class SetupFailure extends Error {
  /**
   * @param {string} step what was being done
   * @param {string} advice what to do next
   * @param {string} [detail] npm's own last lines
   */
  constructor(step, advice, detail = "") {
    super(`${step}: ${advice}`);
    this.step = step;
    this.advice = advice;
    this.detail = detail;
  }
}

/**
 * npm's error code out of what it printed, in the form of npm 7 to 10 (`npm ERR!`) and of later ones (`npm error`).
 * @param {string} output
 */
export function npmErrorCode(output) {
  return /^npm (?:error|ERR!) code (\S+)/m.exec(output)?.[1];
}

/**
 * What to do about a failed npm run or file operation.
 * @param {{ code: string | undefined, output?: string, folder: string }} failure `code` of npm or the system, npm's last
 *   lines, and the folder that was written
 * @param {import("./words.js").Words} say
 * @returns {string}
 */
export function advice({ code, output = "", folder }, say) {
  const name = code ?? "an error";
  if (network.has(name)) return say.network(name, hostIn(output));
  if (certificate.test(name)) return say.certificate(name);
  if (refused.test(name)) return say.refused(name);
  if (name === "EACCES" || name === "EPERM") return say.permission(name, pathIn(output) ?? folder);
  if (name === "EROFS") return say.readOnly(pathIn(output) ?? folder);
  if (name === "ENOSPC" || name === "EDQUOT") return say.diskFull(pathIn(output) ?? folder);
  if (name === "EUSAGE") return say.lock();
  if (name === "EINTEGRITY") return say.integrity(/(?:^| )(\S+\.tgz)/m.exec(output)?.[1] ?? "npm");
  if (name === "ENOENT-npm") return say.noNpm();
  return say.unknown(name);
}

function hostIn(output) {
  return /https?:\/\/([^/\s:'"]+)/.exec(output)?.[1] ?? "the registry";
}

function pathIn(output) {
  return /^npm (?:error|ERR!) path (.+)$/m.exec(output)?.[1];
}
