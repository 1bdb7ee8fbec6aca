import { signs, type SlotMark } from "./slot-mark.ts";

/** The sign of a mark; decoration, the cell's name says it. */
export function SlotSign({ mark, size = 12 }: { readonly mark: SlotMark; readonly size?: number }) {
  return <svg class="slot-sign" width={size} height={size} viewBox="0 0 12 12" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false"><path d={signs[mark]} /></svg>;
}
