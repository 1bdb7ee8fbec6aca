/** Name of a variable's member in an item; `time` is the instant's. */
export function itemKey(variable: string): string {
  return variable === "time" ? "time_value" : variable;
}
