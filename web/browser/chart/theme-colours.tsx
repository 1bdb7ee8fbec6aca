import { useEffect, useState } from "preact/hooks";
import { useShell, useStore } from "../app/hooks.tsx";
import type { ChartColours } from "./layout.ts";

const SERIES = 7;

function readColours(): ChartColours {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string) => style.getPropertyValue(name).trim();
  return {
    series: Array.from({ length: SERIES }, (_, index) => read(`--series-${index}`)), axis: read("--muted"), grid: read("--grid"), surface: read("--surface"),
    suspect: read("--suspect-mark"), bad: read("--bad-mark"), corrected: read("--guess"), font: getComputedStyle(document.body).fontFamily,
  };
}

/** The theme's colours for the canvas, read again when the theme changes by switch or by the system. */
export function useChartColours(): ChartColours {
  const theme = useStore(useShell().theme);
  const [colours, setColours] = useState(readColours);
  useEffect(() => {
    const media = matchMedia("(prefers-color-scheme: dark)");
    const read = () => setColours(readColours());
    read();
    media.addEventListener("change", read);
    return () => media.removeEventListener("change", read);
  }, [theme]);
  return colours;
}
