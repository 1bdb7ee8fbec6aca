import { parentPort, workerData } from "node:worker_threads";
import { answerCalls } from "../worker/answer-calls.ts";
import { DocumentFile } from "./document-file.ts";
import type { DocumentsRequest } from "./requests.ts";

/** Entry of the storage thread. */
const { path, maxFileBytes } = workerData as { path: string; maxFileBytes: number | undefined };
if (parentPort === null) throw new Error("this module is the entry of a worker thread");
const file = new DocumentFile(path, maxFileBytes);
answerCalls<DocumentsRequest>(parentPort, { handle: (calls) => file.handle(calls) });
