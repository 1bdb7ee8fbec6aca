import { createServer } from "node:net";
import { Aedes } from "aedes";
import { answerParent } from "./answer-parent.ts";

/* What the built-in broker stands on, by itself: it acknowledges each message and hands it to nobody. */

answerParent(async () => {
  let taken = 0;
  const broker = await Aedes.createBroker({
    authorizePublish: (_client, _packet, done) => {
      taken += 1;
      done(null);
    },
  });
  const server = createServer((socket) => void broker.handle(socket.setNoDelay(true)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    url: `mqtt://127.0.0.1:${typeof address === "object" ? (address?.port ?? 0) : 0}`,
    taken: () => taken,
    close: () => new Promise((resolve) => {
      server.close();
      broker.close(() => resolve());
    }),
  };
});
