/**
 * A device's or client's id as a person would write it: `my-meter` is "My meter", `pozo_norte` is "Pozo norte". Ids that are codes
 * (`W-07`, `eui-70b3d5`) keep their shape.
 */
export function readableName(id: string): string {
  const spaced = id.replaceAll("_", " ").replace(/(?<=\p{L}{2})-(?=\p{L}{2})/gu, " ").replace(/ +/g, " ").trim();
  const name = spaced === "" ? id : spaced;
  return /^\p{Ll}+(?: |$)/u.test(name) ? name.charAt(0).toUpperCase() + name.slice(1) : name;
}

/** Longest name that a point may have. */
export const MAX_POINT_NAME_CHARACTERS = 120;

/** What a new point is called: what its device calls itself by the label `name`, else the device's id made readable. */
export function firstName(device: string, labels: Readonly<Record<string, string>>): string {
  const own = labels["name"]?.trim() ?? "";
  return own === "" || own.length > MAX_POINT_NAME_CHARACTERS ? readableName(device) : own;
}
