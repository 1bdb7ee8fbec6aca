import type { BalanceDay } from "../wire/balance.ts";

/** Whether a point's variables can be held against each other at all: a flow, and something that counts. */
export function hasBalance(variables: readonly string[]): boolean {
  return variables.includes("flow") && ["total", "pulses", "volume"].some((variable) => variables.includes(variable));
}

/** Heights of both bars of each day, 0 to 1 of the greatest; what is not known, or negative, has none. */
export function balanceHeights(days: readonly BalanceDay[]): { readonly flow: number; readonly totaliser: number }[] {
  const greatest = Math.max(0, ...days.flatMap(({ flowM3, totaliserM3 }) => [flowM3 ?? 0, totaliserM3 ?? 0]));
  const height = (m3: number | null): number => (greatest === 0 || m3 === null ? 0 : Math.max(0, m3 / greatest));
  return days.map(({ flowM3, totaliserM3 }) => ({ flow: height(flowM3), totaliser: height(totaliserM3) }));
}
