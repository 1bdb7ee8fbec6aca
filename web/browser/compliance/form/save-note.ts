import type { InstallationMode, SendMode, Sending } from "../../wire/obra-status.ts";

export interface SavedMode {
  /** Null of a new work. */
  readonly before: SendMode | null;
  readonly after: SendMode;
  readonly status: { readonly mode: InstallationMode | null; readonly sending: Pick<Sending, "on"> };
}

/** What saving means for what is sent: its text, whether a regulator gets something, and whether the person has to say that it is meant. */
export interface SaveNote {
  readonly text: "work" | "sandbox" | "shadow" | "off" | "live" | "live-switched-off";
  readonly sends: boolean;
  readonly asks: boolean;
}

/** An installation that does not say its mode is taken to be live. */
export function saveNote({ before, after, status: { mode, sending } }: SavedMode): SaveNote {
  if (after !== "live") return { text: "work", sends: false, asks: false };
  if (mode !== "live" && mode !== null) return { text: mode, sends: false, asks: false };
  return { text: sending.on ? "live" : "live-switched-off", sends: true, asks: before !== "live" };
}
