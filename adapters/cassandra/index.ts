export { openCassandraTier, type CassandraTierOptions } from "./series/open-tier.ts";
