import { pointIdOf, type StatedDevice } from "@caudal/core";

/** A pattern with * for any letters and ? for one; letters' case counts. */
function matcher(glob: string): RegExp {
  const source = [...glob].map((letter) => (letter === "*" ? "[^]*" : letter === "?" ? "[^]" : letter.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"))).join("");
  return new RegExp(`^${source}$`, "u");
}

/** True for a device that a pattern names: by its id, or by the name or id of a point. Without a pattern, every one. */
export function named(glob: string | undefined): (said: Pick<StatedDevice, "client" | "device"> & { readonly points?: readonly { readonly channel?: string | undefined; readonly name?: string | undefined }[] | undefined }) => boolean {
  if (glob === undefined) return () => true;
  const pattern = matcher(glob);
  return ({ client, device, points = [] }) => pattern.test(device) || points.some(({ channel = "", name = "" }) => pattern.test(name) || pattern.test(pointIdOf(client, device, channel)));
}
