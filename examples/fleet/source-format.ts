import { dayFirst, epochSeconds, fixedOffset, madrid, yearFirst } from "./civil-time.ts";
import type { ZoneRule } from "./civil-time.ts";

/** How one of the sources writes its files. */
export interface SourceFormat {
  readonly separator: string;
  readonly headerLines: number;
  readonly timeColumn: number;
  /** Written date and clock to milliseconds as if it were UTC; NaN when it is not a time. */
  readonly readTime: (text: string) => number;
  readonly zone: ZoneRule;
}

const utc = fixedOffset(0);

/** Every format that the catalogue names; a new source adds its row here. */
export const SOURCE_FORMATS: Readonly<Record<string, SourceFormat>> = {
  "daiad-meter": { separator: ";", headerLines: 1, timeColumn: 1, readTime: dayFirst, zone: madrid },
  "daiad-shower": { separator: ";", headerLines: 1, timeColumn: 3, readTime: dayFirst, zone: madrid },
  // Dutch loggers write no zone; by custom they run on UTC+1 all year.
  "brabant-head": { separator: ",", headerLines: 1, timeColumn: 0, readTime: yearFirst, zone: fixedOffset(1) },
  "gxg-head": { separator: ",", headerLines: 1, timeColumn: 0, readTime: dayFirst, zone: fixedOffset(1) },
  "logan-sensor": { separator: ",", headerLines: 1, timeColumn: 0, readTime: yearFirst, zone: fixedOffset(-7) },
  "usgs-instantaneous": { separator: ",", headerLines: 1, timeColumn: 0, readTime: yearFirst, zone: utc },
  "weusedto-tap": { separator: " ", headerLines: 0, timeColumn: 0, readTime: epochSeconds, zone: utc },
};
