const HIDDEN = "…";

/** Which server and database a URL means, as a person may read it: no user, no password, no parameter (some hold secrets too). */
export function placeOf(url: string): string {
  const [, scheme = "mongodb", rest = ""] = /^(mongodb(?:\+srv)?):\/\/(.*)$/su.exec(url) ?? [];
  const query = rest.indexOf("?");
  const address = query < 0 ? rest : rest.slice(0, query);
  const afterUser = address.slice(address.lastIndexOf("@") + 1);
  // A password with a bare "?" cuts the address short of its "@": then nothing of it is safe to show.
  const cutInSecret = query >= 0 && !address.includes("@") && rest.includes("@");
  return `${scheme}://${cutInSecret || afterUser === "" ? HIDDEN : afterUser}`;
}

/** The database that a URL names; "caudal" where it names none. */
export function databaseOf(url: string): string {
  const path = /^mongodb(?:\+srv)?:\/\/[^/?]*\/([^?]+)/u.exec(url)?.[1];
  return path === undefined ? "caudal" : decodeURIComponent(path);
}

/** Names of the URL's parameters in lower case: what the user set is not set by us. */
export function parametersOf(url: string): ReadonlySet<string> {
  const query = url.indexOf("?");
  return new Set(query < 0 ? [] : [...new URLSearchParams(url.slice(query + 1)).keys()].map((name) => name.toLowerCase()));
}
