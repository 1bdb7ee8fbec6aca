import { launchTests } from "./launcher/launch.js";

await launchTests(process.argv.slice(2), process.env);
