import express from "express";

/* What a push is measured against: express that parses a body and says how many rows it holds. Nothing is kept. A process of its own; it tells its parent its port. */

const app = express();
app.use(express.json({ limit: "16mb" }));
app.post("/api/v1/readings", (request, response) => {
  const rows: unknown = request.body;
  response.status(202).json({ accepted: Array.isArray(rows) ? rows.length : 0 });
});
const server = app.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.(typeof address === "object" ? address?.port : undefined);
});
process.once("disconnect", () => process.exit());
