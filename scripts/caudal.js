#!/usr/bin/env node
import { launch } from "./launcher/launch.js";

await launch(process.argv.slice(2), process.env);
