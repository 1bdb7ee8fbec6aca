import { CaudalError } from "@caudal/core";
import type { Command } from "../commandline/command.ts";
import { exitCodes } from "../commandline/exit-codes.ts";

const USAGE = "--topic TOPIC --payload TEXT|@FILE [--mappings FILE]";
