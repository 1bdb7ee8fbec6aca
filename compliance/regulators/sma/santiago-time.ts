import { instantToCivil } from "@caudal/core";

/**
 * `2026-03-01T09:05:00`: the clock on the wall in Santiago, without an offset, as the SMA asks for it. In the night in which that clock goes back an hour is written twice;
 * nothing in the format tells the two apart.
 */
export function stampOf(timeUs: number): string {
  return new Date(instantToCivil(timeUs, "America/Santiago") / 1000).toISOString().slice(0, 19);
}
