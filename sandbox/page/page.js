import { at, element, followState, number, quirkSwitches, row, say, utc } from "./parts.js";

let state;
const showSwitches = quirkSwitches("provider", { state: () => ({ all: state.providers, quirks: state.quirks }), refused: say("refused"), changed: () => refresh() });

function rates() {
  const rows = state.rates.map(({ provider, key, limit, used }) => {
    const [requests, seconds] = limit.split(":");
    return row([provider, key, element("td", number.format(used), used > Number(requests) ? { class: "bad" } : {}), say("per", { requests: number.format(Number(requests)), seconds })]);
  });
  at("rates").replaceChildren(...(rows.length > 0 ? rows : [row([element("td", say("rates.none"), { colspan: "4" })])]));
}

function newest() {
  at("newest").replaceChildren(...state.newest.map(({ atMs, provider, method, route, device, status, quirks, limit, rows }) =>
    row([utc(atMs), provider, `${method} ${route}`, device ?? "", element("td", status === undefined ? say("no-answer") : String(status), status === 200 || status === 201 ? {} : { class: "bad" }), rows, [...quirks, ...(limit?.exceeded ? [say("exceeded")] : [])].join(", ")])));
}

function devices() {
  const all = state.providers.flatMap(({ id, devices }) => devices.map((device) => ({ provider: id, ...device })));
  at("count-devices").textContent = number.format(all.length);
  if (at("devices").children.length === all.length) return;
  at("devices").replaceChildren(...all.map(({ provider, device, kind, everyMs, keys }) => row([provider, device, say(kind), `${number.format(everyMs / 60000)} min`, keys.map(({ key, unit }) => `${key} (${unit})`).join(", ")])));
}

const refresh = followState((now) => {
  state = now;
  at("count-exceeded").textContent = number.format(state.counts.exceeded);
  showSwitches();
  rates();
  newest();
  devices();
});
