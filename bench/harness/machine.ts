import { cpus } from "node:os";

/** One line about where something was measured: cores, processor, Node, date. */
export function machineLine(now: Date = new Date()): string {
  const cores = cpus();
  const model = cores[0]?.model.trim().replace(/\s+/g, " ") || process.arch;
  return `${now.toISOString().slice(0, 10)}, ${cores.length} × ${model}, Node ${process.version}`;
}
