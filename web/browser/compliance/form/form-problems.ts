import { fieldPath, type ApiProblem, type FieldProblem } from "../../wire/problem.ts";
import type { AskedObra, FormFault } from "./obra-form.ts";

/** Where a field of the form stands on the page. */
export function fieldId(field: string): string {
  return `obra-${field.replaceAll(".", "-")}`;
}

/** Names of the server for what stands as another field in the form. */
const elsewhere: Readonly<Record<string, string>> = { sma: "sma.ufId", knownDefect: "knownDefect.reason", right: "right.flowLps", "right.monthly": "right.annualM3" };

/** What the server refused, each at the form's field: a feed is told by the row that it stands in, and not by its place in what was sent. */
export function refusedFields(problem: ApiProblem, { feedRows }: Pick<AskedObra, "feedRows">): readonly FieldProblem[] {
  return problem.fields.map((row) => {
    const path = fieldPath(row.field);
    const [, sent] = /^feeds\.(\d+)/.exec(path) ?? [];
    const field = sent === undefined ? (elsewhere[path] ?? path) : `feeds.${feedRows[Number(sent)] ?? sent}`;
    return { ...row, field };
  });
}

/** What cannot even be sent, in words. */
export function faultProblems(faults: ReadonlyMap<string, FormFault>, textOf: (fault: FormFault, field: string) => string): readonly FieldProblem[] {
  return [...faults].map(([field, fault]) => ({ field, detail: textOf(fault, field), next: "" }));
}

/** Fields as they stand on the page, by how their names begin. */
const order = ["regulator", "code", "client", "name", "sma", "standard", "water", "everyMinutes", "levelMayBeMissing", "informantRut", "centreRut", "submitFrom", "endsAt", "permittedDelayDays", "windowMinutes", "settleMinutes", "knownDefect", "feeds", "right", "mode"];

/** In the order in which a person meets them; what is no field of the form last. */
export function inPageOrder(problems: readonly FieldProblem[]): readonly FieldProblem[] {
  const place = ({ field }: FieldProblem): number => (order.indexOf(field.split(".", 1)[0] ?? "") + 1 || order.length + 1);
  return problems.toSorted((a, b) => place(a) - place(b));
}

/** Which text names a field: the months of one table share theirs. */
export function fieldKey(field: string): string {
  if (/^feeds\.\d+$/.test(field)) return "feeds";
  return field.replace(/^right\.monthly\.\d+/, "right.monthly");
}
