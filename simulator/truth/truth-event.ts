/** What was really so, whatever the sensors said. Times are the simulated clock's, half open, in microseconds. */
interface Span {
  readonly device: string;
  readonly fromUs: number;
  readonly toUs: number;
}

/** `before` and `after` are registers in litres. */
type MeterEvent = { [W in "reset" | "swap" | "wrap"]: { readonly what: W; readonly key: string; readonly before: number; readonly after: number } }["reset" | "swap" | "wrap"];

export type TruthEvent = Span & (
  /** Water that went through the meter in a UTC day, counted at the samples: the last one before `fromUs` to the last one before `toUs`. */
  | { readonly what: "daily-use"; readonly key: string; readonly litres: number; readonly samples: number; readonly partial?: true }
  | { readonly what: "pump-cycle"; readonly flowLps: number; readonly litres: number }
  | { readonly what: "tide"; readonly lowM: number; readonly highM: number; readonly highAtUs: number }
  | { readonly what: "leak"; readonly flowLps: number; readonly litres: number }
  /** `fromUs` is the sample before, `toUs` the first one after; `after` is where the counting began again. */
  | MeterEvent
  | { readonly what: "stuck"; readonly key: string; readonly value: number; readonly samples: number }
  | { readonly what: "drift"; readonly perStepUs: number; readonly greatestUs: number }
  | { readonly what: "outage"; readonly held: number }
);
