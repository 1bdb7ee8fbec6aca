import type { Delivery, Draft } from "../fleet/draft.ts";
import type { Meter } from "../fleet/meter.ts";
import type { Random } from "../fleet/random.ts";
import type { DeviceKind, Told } from "../kinds/kind.ts";

/** The stretch of steps in which a trouble befalls a device. */
export interface TroubleWindow {
  readonly begin: number;
  /** The first step after it. */
  readonly end: number;
  /** Of numbers of its own, the same at every step. */
  readonly seed: number;
  /** What the trouble keeps between its steps. */
  memo: number;
  /** When its first step was. */
  fromUs: number;
}

/** One step within a window. */
export interface Moment {
  readonly window: TroubleWindow;
  readonly step: number;
  readonly atUs: number;
  readonly stepUs: number;
  /** When the step before was. */
  readonly beforeUs: number;
  /** Numbers of the window: the same ones each time. */
  random(): Random;
  tell(event: Told): void;
}

/** A row of the list: whom it befalls, how often, and what it does. Each hook is called at each step of a window. */
export interface Trouble {
  readonly name: string;
  readonly kinds: readonly DeviceKind[];
  /** Of windows per device and epoch; of devices, for a trouble that only installs. */
  readonly chance: number;
  /** Fewest and most steps of a window. */
  readonly steps: readonly [number, number];
  /** Befalls a single reading; of all such troubles of the meter, and of those of the way, a reading has one at most. */
  readonly single?: "meter" | "way";
  /** Once, when the device is made. `stepLitres` is what passes in a step, about. */
  install?(meter: Meter, random: Random, stepLitres: number): void;
  /** Millilitres that pass besides. */
  use?(moment: Moment): number;
  meter?(moment: Moment, meter: Meter, draft: Draft): void;
  reading?(moment: Moment, draft: Draft): void;
  delivery?(moment: Moment, delivery: Delivery): void;
  /** After its last step, or at the end of the fleet where that comes first; `steps` have been. */
  end?(moment: Moment, draft: Draft, steps: number): void;
}
