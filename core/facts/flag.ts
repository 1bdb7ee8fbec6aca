/** QARTOD's primary flags. Missing (9) is computed on read and never stored. */
export const flags = { good: 1, notEvaluated: 2, suspect: 3, bad: 4 } as const;
export type Flag = (typeof flags)[keyof typeof flags];
export const MISSING_FLAG = 9;

export const flagNames: Readonly<Record<number, string>> = { 1: "good", 2: "not-evaluated", 3: "suspect", 4: "bad", 9: "missing" };
