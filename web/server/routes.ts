/** Paths that the page itself shows; the server answers each with the page's document. Express patterns. */
export const pageRoutes = [
  "/", "/points", "/points/:id", "/points/:id/settings", "/points/:id/decisions", "/points/:id/corrections", "/decisions", "/parked", "/devices", "/providers",
  "/compliance", "/compliance/review", "/compliance/plan", "/compliance/credentials", "/compliance/new", "/compliance/import", "/compliance/:regulator/:code", "/compliance/:regulator/:code/edit",
  "/compliance/:regulator/:code/ledger", "/compliance/:regulator/:code/right", "/compliance/:regulator/:code/settings",
] as const;
