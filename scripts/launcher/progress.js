const frameMs = 250;

/**
 * One line for each step of a set-up: on a terminal it counts the seconds in place, elsewhere (a file, a pipe, a dumb
 * terminal) it is one line at the start and one at the end. Colour only on a terminal and without NO_COLOR.
 * @param {{ stream: NodeJS.WritableStream & { isTTY?: boolean }, env: NodeJS.ProcessEnv,
 *   say: import("./words.js").Words }} options
 */
export function createProgress({ stream, env, say }) {
  const live = Boolean(stream.isTTY) && env.TERM !== "dumb";
  const colour = live && !env.NO_COLOR;
  const paint = (code, text) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);

  function line(text) {
    stream.write(`${text}\n`);
  }

  /**
   * Runs `work`, showing `title` and the time it takes; what `work` throws passes through after the line is closed.
   * @template T
   * @param {string} title
   * @param {() => Promise<T>} work
   */
  async function step(title, work) {
    const startedMs = performance.now();
    const seconds = () => `${((performance.now() - startedMs) / 1000).toFixed(1)} s`;
    const close = (mark) => line(`${live ? "\r\u001b[K" : ""}  ${title} … ${mark} ${paint(2, seconds())}`);
    const draw = () => stream.write(`\r\u001b[K  ${title} … ${paint(2, seconds())}`);
    if (live) draw();
    else line(`  ${title} …`);
    const timer = live ? setInterval(draw, frameMs) : undefined;
    try {
      const result = await work();
      clearInterval(timer);
      close(paint(32, say.done));
      return result;
    } catch (error) {
      clearInterval(timer);
      close(paint(31, say.failed));
      throw error;
    }
  }

  return { line, step, strong: (text) => paint(1, text) };
}
