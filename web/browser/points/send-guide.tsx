import { useState } from "preact/hooks";
import { useShell, useStore, useWords } from "../app/hooks.tsx";
import { pointHref } from "../app/router.ts";
import { endpoints } from "../http/endpoints.ts";
import { CopyLine } from "../ui/copy-line.tsx";
import { Icon, Logo } from "../ui/icons.tsx";
import { ProblemNote } from "../ui/problem-note.tsx";
import { readSentReading } from "../wire/operations.ts";

const TEST_DEVICE = "my-meter";
const TEST_READING = { values: { flow: 12.5 } };
/** Order and names of the three ways; what the server does not offer is left out. */
const ways = ["npx", "mosquitto_pub", "curl"] as const;

type Sent = { readonly state: "no" | "busy" } | { readonly state: "done"; readonly point: string; readonly message: string };

/** How to send a first reading: three lines to copy, and a button that does it. */
export function SendGuide({ empty = false }: { readonly empty?: boolean }) {
  const shell = useShell();
  const { t } = useWords();
  const status = useStore(shell.status);
  const [sent, setSent] = useState<Sent>({ state: "no" });
  const [error, setError] = useState<unknown>(null);
  const send = async () => {
    setSent({ state: "busy" });
    setError(null);
    try {
      const result = readSentReading(await shell.api.call(endpoints.readings(TEST_DEVICE), { method: "POST", body: TEST_READING }));
      setSent({ state: "done", point: result.point, message: result.message });
      if (result.point !== "") shell.directory.meet([result.point]);
    } catch (refused) {
      setSent({ state: "no" });
      setError(refused);
    }
  };
  return (
    <section class={empty ? "guide guide-empty" : "guide"} aria-label={t("page.send.open")}>
      {empty && <div class="guide-head"><Logo size={48} /><h2>{t("page.send.empty")}</h2></div>}
      <p>{t("page.send.text")}</p>
      <div class="guide-lines">
        {ways.map((way) => {
          const line = status?.send[way];
          return line === undefined ? null : <CopyLine key={way} label={t(`page.send.${way}`)} text={line} />;
        })}
      </div>
      <ProblemNote error={error} />
      <div class="guide-send">
        <button type="button" class="button button-main" disabled={sent.state === "busy"} onClick={() => void send()}>
          <Icon name="send" size={18} />{t("page.send.test", { device: TEST_DEVICE })}
        </button>
        <span role="status">
          {sent.state === "done" && sent.point !== "" && <>{t("page.send.done")}{" "}<a href={pointHref(sent.point)}>{t("page.send.see")}</a></>}
          {sent.state === "done" && sent.point === "" && <>{sent.message || t("page.send.kept")}{" "}<a href="/devices">{t("page.devices")}</a></>}
        </span>
      </div>
      {status?.demo === true && <p class="small">{t("page.send.demo")} <code>npx caudal demo clear</code></p>}
    </section>
  );
}
