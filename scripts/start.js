import { launch } from "./launcher/launch.js";

await launch(["up", ...process.argv.slice(2)], process.env);
