import { launchEngines } from "./launcher/launch.js";

await launchEngines(process.argv.slice(2), process.env);
