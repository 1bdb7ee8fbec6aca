const DAY_MS = 86_400_000;
const DAYS = 31;

/** A month of balances: most days agree, one differs, one has 25 hours, and some cannot be compared. */
export function balanceBody(nowMs: number): object {
  const items = Array.from({ length: DAYS }, (_, index) => {
    const day = new Date(nowMs - (DAYS - 1 - index) * DAY_MS).toISOString().slice(0, 10);
    const totaliserM3 = 400 + 10 * (index % 7);
    const flowM3 = index === 20 ? 120.5 : totaliserM3 + (index % 3) * 4.25;
    const differenceM3 = flowM3 - totaliserM3;
    const base = { day, hours: index === 12 ? 25 : 24, flowM3, coverage: 1, totaliserM3, differenceM3, differencePercent: Math.round((differenceM3 / totaliserM3) * 10_000) / 100, verdict: index === 20 ? "differs" : "agrees", why: null };
    const apart = { ...base, differenceM3: null, differencePercent: null, verdict: "not-comparable" };
    if (index === DAYS - 1) return { ...apart, coverage: 0.4, why: "day-open" };
    if (index === 5) return { ...apart, why: "reset" };
    return index === 6 ? { ...apart, flowM3: null, totaliserM3: null, coverage: 0, why: "no-counts" } : base;
  });
  return { point: "fixture", tz: "America/Santiago", tolerance: { percent: 10, m3: 1 }, items, next: null };
}
