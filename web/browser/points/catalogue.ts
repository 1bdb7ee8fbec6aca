import { useEffect, useState } from "preact/hooks";
import { useShell } from "../app/hooks.tsx";
import { endpoints } from "../http/endpoints.ts";
import type { Api } from "../http/request.ts";
import { readVariableOption, type VariableOption } from "../wire/operations.ts";

const MOST = 2_000;
const asked = new WeakMap<Api, Promise<ReadonlyMap<string, VariableOption>>>();

/** The variables that Caudal knows, by id; asked for once. */
function askVariables(api: Api): Promise<ReadonlyMap<string, VariableOption>> {
  const known = asked.get(api);
  if (known !== undefined) return known;
  const promise = api.all(endpoints.variables(), readVariableOption, { most: MOST }).then(({ items }) => new Map(items.map((row) => [row.id, row])));
  asked.set(api, promise);
  promise.catch(() => asked.delete(api));
  return promise;
}

const nothing: ReadonlyMap<string, VariableOption> = new Map();

/** Names and units of variables that no key of a device says, such as those that are computed; empty until they are there. */
export function useVariables(): ReadonlyMap<string, VariableOption> {
  const { api } = useShell();
  const [rows, setRows] = useState(nothing);
  useEffect(() => {
    let isShown = true;
    askVariables(api).then((found) => isShown && setRows(found), () => undefined);
    return () => void (isShown = false);
  }, [api]);
  return rows;
}
