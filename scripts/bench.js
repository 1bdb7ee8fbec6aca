import { launchBenchmarks } from "./launcher/launch.js";

await launchBenchmarks(process.argv.slice(2), process.env);
