import { launchTorture } from "./launcher/launch.js";

await launchTorture(process.argv.slice(2), process.env);
