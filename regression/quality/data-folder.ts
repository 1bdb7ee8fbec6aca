import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

const EXAMPLES = new URL("../../examples/data/", import.meta.url);
/** Series that may not be copied into the product, or not all of them: beside the checkout, on machines that have them. */
const SHARED = new URL("../../../shared/data/", import.meta.url);

/** Why something was left out, for a counted skip; false when the file beside the checkout is there. */
export function missingShared(...paths: readonly string[]): string | false {
  const absent = paths.filter((path) => !existsSync(new URL(path, SHARED)));
  return absent.length === 0 ? false : `../shared/data has no ${absent.join(", ")}`;
}

export function readShared(path: string): string {
  return textOf(new URL(path, SHARED));
}

/** A file that the product carries, with credit beside it. */
export function readExample(path: string): string {
  return textOf(new URL(path, EXAMPLES));
}

function textOf(url: URL): string {
  const bytes = readFileSync(fileURLToPath(url));
  return (url.pathname.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
}
