import { useShell, useStore, useWords } from "../../app/hooks.tsx";
import type { FactWords } from "./obra-facts.ts";

/** The page's words, and points by their names. */
export function useFactWords(): FactWords {
  const shell = useShell();
  const words = useWords();
  const { points } = useStore(shell.directory.state);
  return { ...words, point: (id) => points.find((point) => point.id === id)?.name ?? id };
}
