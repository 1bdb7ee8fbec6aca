/** Paths that the page itself shows; the server answers each with the page's document. Express patterns. */
export const pageRoutes = ["/", "/points", "/points/:id", "/parked", "/devices"] as const;
