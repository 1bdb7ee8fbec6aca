import { defineBenchmark } from "../harness/benchmark.ts";
import { startOneProcess } from "./installation.ts";
import { about, measurePromise } from "./measure.ts";

export const benchmark = defineBenchmark({
  name: "promise-embedded",
  about: `${about}: on \`caudal up\` with nothing but itself.`,
  needs: [],
  seconds: 600,
  onlyByName: true,
  async run(context) {
    const installation = await startOneProcess();
    context.closing(() => installation.stop());
    await measurePromise(context, installation, new Map());
  },
});
