/**
 * Named points around durable steps, where a test ends the process, makes a step slow or looks.
 *
 * A name is `service/port.operation(subject)/before|after`, e.g. `processor/log.publish(caudal.points)/before`, or names a step that is no
 * port call, e.g. `collector/mqtt.puback/before`. `after` is reached only when the step succeeded, and before its caller learns of it.
 */
export interface FaultPoints {
  /** A rejection stands for the step's own failure; a promise that never settles, for a process that is gone. */
  reach(name: string): Promise<void> | void;
}

export const noFaults: FaultPoints = { reach: () => undefined };

/** Runs a step between its two points. `name` goes without `/before` and `/after`. */
export async function atStep<T>(faults: FaultPoints, name: string, step: () => Promise<T> | T): Promise<T> {
  await faults.reach(`${name}/before`);
  const made = await step();
  await faults.reach(`${name}/after`);
  return made;
}
