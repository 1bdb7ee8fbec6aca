import type { ComponentChildren } from "preact";

/** Icons of 20 by 20, drawn with the colour of the text beside them; always decoration, the text carries the meaning. */
const paths = {
  good: <><circle cx="10" cy="10" r="7.25" /><path d="m6.8 10.2 2.2 2.2 4.3-4.6" /></>,
  "not-evaluated": <><circle cx="10" cy="10" r="7.25" stroke-dasharray="2.6 2.4" /><path d="M7.5 10h5" /></>,
  suspect: <><path d="M10 3.2 17.6 16.4H2.4z" /><path d="M10 8.2v3.8M10 14.1v.3" /></>,
  bad: <><path d="M6.9 2.9h6.2l4 4v6.2l-4 4H6.9l-4-4V6.9z" /><path d="m7.4 7.4 5.2 5.2m0-5.2-5.2 5.2" /></>,
  missing: <><circle cx="10" cy="10" r="7.25" stroke-dasharray="1.5 3" /></>,
  stale: <><circle cx="10" cy="10" r="7.25" /><path d="M10 5.8V10l2.8 1.8" /></>,
  search: <><circle cx="8.8" cy="8.8" r="5.3" /><path d="m12.8 12.8 4 4" /></>,
  copy: <><rect x="7" y="7" width="9.5" height="9.5" rx="1.8" /><path d="M13 4.3a1.8 1.8 0 0 0-1.5-.8H5.3a1.8 1.8 0 0 0-1.8 1.8v6.2c0 .6.3 1.2.8 1.5" /></>,
  check: <path d="m4.5 10.5 3.7 3.7 7.3-8" />,
  close: <path d="m5.5 5.5 9 9m0-9-9 9" />,
  plus: <path d="M10 4.5v11M4.5 10h11" />,
  minus: <path d="M4.5 10h11" />,
  left: <path d="m12 4.5-5.5 5.5 5.5 5.5" />,
  right: <path d="m8 4.5 5.5 5.5L8 15.5" />,
  reset: <><path d="M4.2 8.2a6.2 6.2 0 1 1-.3 3.6" /><path d="M3.7 4.2v4.2h4.2" /></>,
  edit: <><path d="M4 16h2.6l8.7-8.7a1.7 1.7 0 0 0 0-2.4l-.2-.2a1.7 1.7 0 0 0-2.4 0L4 13.4z" /><path d="m11.5 6 2.5 2.5" /></>,
  download: <><path d="M10 3.5v9m-3.7-3.5L10 12.7 13.7 9" /><path d="M4 16.5h12" /></>,
  chart: <path d="M3.5 3.5v13h13M6.5 12.5l3-4 2.7 2.4 3.8-5.4" />,
  table: <><rect x="3.5" y="4" width="13" height="12" rx="1.5" /><path d="M3.5 8h13M3.5 12h13M8.5 8v8" /></>,
  send: <path d="M16.8 3.2 3.5 8.3l5.2 2.8m8.1-7.9-5.1 13.3-3-5.4m8.1-7.9-8.1 7.9" />,
  sun: <><circle cx="10" cy="10" r="3.2" /><path d="M10 2.8v1.7M10 15.5v1.7M2.8 10h1.7M15.5 10h1.7M4.9 4.9l1.2 1.2M13.9 13.9l1.2 1.2M4.9 15.1l1.2-1.2M13.9 6.1l1.2-1.2" /></>,
  moon: <path d="M16.2 11.7A6.7 6.7 0 0 1 8.3 3.8a6.7 6.7 0 1 0 7.9 7.9z" />,
  system: <><rect x="3" y="4" width="14" height="9.5" rx="1.5" /><path d="M7.5 16.5h5M10 13.5v3" /></>,
  fast: <path d="M3.5 5.5v9l6-4.5zM10.5 5.5v9l6-4.5z" />,
  guess: <><path d="M7.6 7.6a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1.1.9-1.1 1.7v.4" /><path d="M10 14.3v.3" /><circle cx="10" cy="10" r="7.25" /></>,
  points: <path d="M10 3.2s-4.7 5.2-4.7 8.5a4.7 4.7 0 0 0 9.4 0C14.7 8.4 10 3.2 10 3.2z" />,
  parked: <><path d="M3.5 6.5 10 3.2l6.5 3.3v7L10 16.8l-6.5-3.3z" /><path d="M3.5 6.5 10 9.8l6.5-3.3M10 9.8v7" /></>,
  devices: <><rect x="3.5" y="8.5" width="13" height="8" rx="1.8" /><path d="M6.5 12.5h.1M10 12.5h3.5M10 8.5V5.5M7 4.5a4.3 4.3 0 0 1 6 0" /></>,
  providers: <><path d="M6 14.2a3.2 3.2 0 0 1-.3-6.4 4.5 4.5 0 0 1 8.7.7 2.9 2.9 0 0 1-.2 5.7" /><path d="M10 9.8v7m-2.3-2.3 2.3 2.3 2.3-2.3" /></>,
  decisions: <><path d="M4 4h12v9.5H9.8L6.3 16.5v-3H4z" /><path d="m7.4 8.7 2 2 3.4-3.8" /></>,
  compliance: <><path d="M10 2.8 16 5v4.6c0 3.6-2.4 6.1-6 7.6-3.6-1.5-6-4-6-7.6V5z" /><path d="m7.2 9.8 2 2 3.6-3.9" /></>,
  calendar: <><rect x="3.2" y="4.5" width="13.6" height="12" rx="1.6" /><path d="M3.2 8.5h13.6M7 2.8v3.4m6-3.4v3.4M7 12h.1m2.9 0h.1m2.9 0h.1" /></>,
  ledger: <><path d="M5 2.8h8.2L16 5.6v11.6H5z" /><path d="M7.6 8h5.8M7.6 11h5.8M7.6 14h3.6" /></>,
  stop: <><path d="M6.9 2.9h6.2l4 4v6.2l-4 4H6.9l-4-4V6.9z" /><path d="M6.8 10h6.4" /></>,
  settings: <><path d="M3.5 6h7m4 0h2M3.5 14h2m4 0h7" /><circle cx="12.5" cy="6" r="2" /><circle cx="7.5" cy="14" r="2" /></>,
  pause: <><circle cx="10" cy="10" r="7.25" /><path d="M8.2 7.5v5M11.8 7.5v5" /></>,
  person: <><circle cx="10" cy="7" r="3" /><path d="M4 16.5c.6-3 2.9-4.7 6-4.7s5.4 1.7 6 4.7" /></>,
  key: <><circle cx="7" cy="13" r="3.6" /><path d="m9.6 10.4 6.6-6.6M13.2 6.8l2.4 2.4M11 9l1.6 1.6" /></>,
  file: <><path d="M5 2.8h7l3.2 3.2v11.2H5z" /><path d="M12 2.8V6h3.2M10 14.5V9m-2.2 2.2L10 9l2.2 2.2" /></>,
  replay: <><path d="M15.8 8.2a6.2 6.2 0 1 0 .3 3.6" /><path d="M16.3 4.2v4.2h-4.2" /></>,
} as const satisfies Record<string, ComponentChildren>;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 20 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">
      {paths[name]}
    </svg>
  );
}

/** A drop with the line of a flow through it. */
export function Logo({ size = 28 }: { readonly size?: number }) {
  return (
    <svg class="logo" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path class="logo-drop" d="M16 2.5S5.5 13.6 5.5 20a10.5 10.5 0 0 0 21 0C26.5 13.6 16 2.5 16 2.5z" />
      <path class="logo-flow" d="M5.7 21.4c2.6-2.6 5.1-2.6 7.7 0s5.1 2.6 7.7 0c1.7-1.7 3.4-2.3 5.1-1.8" fill="none" stroke-width="2.4" stroke-linecap="round" />
    </svg>
  );
}
