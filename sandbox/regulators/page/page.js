/* global document, fetch */
import { at, element, followState, notice, number, quirkSwitches, row, say, tell, utc } from "../../page/parts.js";

let state;
let chosen;
const refused = say("switch-refused");
const showSwitches = quirkSwitches("regulator", { state: () => ({ all: state.regulators, quirks: state.quirks }), refused, changed: () => refresh() });

/** Rows stay where they are while they say the same, so that a focused button keeps its focus. */
function works() {
  const seen = JSON.stringify(state.works);
  if (at("works").dataset.seen === seen) return;
  at("works").dataset.seen = seen;
  const focused = document.activeElement?.dataset?.work;
  at("works").replaceChildren(...(state.works.length === 0
    ? [row([element("td", say("works.none"), { colspan: "5" })])]
    : state.works.map((work) => {
        const cell = element("td");
        const open = element("button", work.codigoObra, { "type": "button", "data-work": `${work.regulator}/${work.codigoObra}` });
        open.addEventListener("click", () => void show(work));
        cell.append(open);
        return row([work.regulator, cell, number.format(work.stored), work.newest.instant, work.newest.voucher]);
      })));
  if (focused !== undefined) at("works").querySelector(`[data-work="${focused}"]`)?.focus();
}

async function show({ regulator, codigoObra }) {
  chosen = { regulator, codigoObra };
  const answer = await fetch(`/sandbox/stored?regulator=${regulator}&codigoObra=${encodeURIComponent(codigoObra)}`).catch(() => undefined);
  if (answer?.ok !== true) return notice(say("lost"), true);
  const { stored } = await answer.json();
  at("held-title").textContent = say("held", { work: codigoObra });
  at("held-what").hidden = true;
  at("held-table").hidden = false;
  at("held").replaceChildren(...stored.map(({ date, time, values, voucher, atMs }) => row([`${date} ${time}`, Object.entries(values).map(([name, value]) => `${name} ${value === "" ? "–" : value}`).join(" · "), voucher, utc(atMs)])));
}

function newest() {
  at("newest").replaceChildren(...state.newest.map(({ atMs, regulator, method, path, codigoObra, instant, outcome, status, quirks }) =>
    row([utc(atMs), regulator, `${method} ${path}`, codigoObra ?? "", instant ?? "", say(outcome === "blocked" ? "outcome.blocked" : outcome), element("td", status === null ? say("no-answer") : String(status), status === 200 ? {} : { class: "bad" }), quirks.join(", ")])));
}

const refresh = followState(async (now) => {
  state = now;
  at("count-stored").textContent = number.format(state.counts.stored);
  at("count-works").textContent = number.format(state.works.length);
  at("count-blocked").textContent = state.blocked.length === 0 ? number.format(0) : state.blocked.map(({ centre, untilMs }) => `${centre} (${utc(untilMs)})`).join(", ");
  showSwitches();
  works();
  newest();
  if (chosen !== undefined) await show(chosen);
});

at("release").addEventListener("click", () => void tell("/sandbox/release", {}, { done: say("released"), refused }).then(refresh));
