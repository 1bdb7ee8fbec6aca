import { CaudalError } from "@caudal/core";
import { parse } from "yaml";
import type { z } from "zod";

/** What a YAML text says by a schema; `name` is the file's. CaudalError "setting" names the file, the first place that is wrong, and what is wrong there. */
export function checkedYaml<S extends z.ZodType>(text: string, name: string, schema: S): z.output<S> {
  let content: unknown;
  try {
    content = parse(text);
  } catch (cause) {
    throw new CaudalError("setting", `${name} is not YAML: ${cause instanceof Error ? cause.message : "unreadable"}`, { cause });
  }
  const checked = schema.safeParse(content);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  throw new CaudalError("setting", `${name}: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? "it does not have the form"}`);
}
