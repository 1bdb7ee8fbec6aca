/* global document, Node, fetch, setTimeout */
/* What the pages of both sandboxes are made of: texts, elements, the switches of quirks, and the look at the state every two seconds. */

const EVERY_MS = 2000;
const texts = JSON.parse(document.body.dataset.texts);

export const number = new Intl.NumberFormat(document.documentElement.lang);
export const at = (id) => document.getElementById(id);
export const say = (key, values = {}) => Object.entries(values).reduce((text, [name, value]) => text.replace(`{${name}}`, value), texts[key] ?? key);

export function notice(text, bad = false) {
  if (at("notice").textContent !== text) at("notice").textContent = text;
  at("notice").classList.toggle("bad", bad);
}

export function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

export function row(cells) {
  const made = element("tr");
  for (const cell of cells) made.append(cell instanceof Node ? cell : element("td", String(cell)));
  return made;
}

export function utc(ms) {
  return new Date(ms).toISOString().replace("T", " ").slice(0, 19);
}

/** Tells the sandbox something, and then what became of it: `done`, or why not. */
export async function tell(path, body, { done, refused }) {
  const answer = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }).catch(() => undefined);
  if (answer?.ok !== true) notice(answer === undefined ? say("lost") : refused, true);
  else notice(done);
}

/**
 * A switch for each quirk of those who are chosen in the `<select>` that is called as they are in a change ("provider"). `state()` gives `{ all: [{ id, title, applies, quirks }], quirks: [{ name, share }] }`;
 * `refused` is said of a change that the sandbox did not take, and `changed` called after each.
 */
export function quirkSwitches(called, { state, refused, changed }) {
  const select = at(called);

  /** The share that all of the chosen have; undefined when they differ. */
  function shareOf(quirk) {
    const asked = state().all.filter(({ id, applies }) => (select.value === "all" || select.value === id) && applies.includes(quirk));
    const shares = new Set(asked.map(({ quirks }) => quirks[quirk] ?? 0));
    return { applies: asked.length > 0, share: shares.size === 1 ? [...shares][0] : undefined };
  }

  async function set(changes) {
    const done = changes.length === 1 ? say("switched", { quirk: changes[0].quirk, share: number.format(changes[0].share) }) : say("off");
    await tell("/sandbox/quirks", changes.map((change) => ({ [called]: select.value, ...change })), { done, refused });
    await changed();
  }

  function switchOf({ name, share }) {
    const item = element("li", undefined, { "data-quirk": name, "data-share": String(share) });
    const label = element("label");
    const check = element("input", undefined, { type: "checkbox" });
    const field = element("input", undefined, { "type": "number", "min": "0", "max": "1", "step": "any", "aria-label": say("share-of", { quirk: name }) });
    label.append(check, element("span", name), element("small", say(`quirk.${name}`)));
    item.append(label, field);
    check.addEventListener("change", () => void set([{ quirk: name, share: check.checked ? Number(field.value) || share : 0 }]));
    field.addEventListener("change", () => void set([{ quirk: name, share: Number(field.value) }]));
    return item;
  }

  function show() {
    const { all, quirks } = state();
    if (select.options.length === 1) for (const { id, title } of all) select.append(element("option", title, { value: id }));
    const list = at("switches");
    if (list.children.length === 0) for (const quirk of quirks) list.append(switchOf(quirk));
    for (const item of list.children) {
      const { applies, share } = shareOf(item.dataset.quirk);
      item.hidden = !applies;
      const [check, field] = [item.querySelector("input[type=checkbox]"), item.querySelector("input[type=number]")];
      check.checked = share === undefined || share > 0;
      check.indeterminate = share === undefined;
      if (document.activeElement === field) continue;
      field.value = share === undefined ? "" : share > 0 ? String(share) : item.dataset.share;
      field.placeholder = share === undefined ? say("mixed") : "";
    }
  }

  select.addEventListener("change", show);
  at("all-off").addEventListener("click", () => void set(state().quirks.filter(({ name }) => shareOf(name).applies).map(({ name }) => ({ quirk: name, share: 0 }))));
  return show;
}

/** Looks at the state now and every two seconds, one look at a time; gives what looks at once. */
export function followState(show) {
  async function refresh() {
    const answer = await fetch("/sandbox/state").catch(() => undefined);
    if (answer?.ok !== true) return notice(say("lost"), true);
    const state = await answer.json();
    if (at("notice").textContent === say("lost")) notice("");
    at("count-requests").textContent = number.format(state.counts.requests);
    at("count-clock").textContent = utc(state.nowMs);
    at("count-seed").textContent = state.seed;
    await show(state);
    document.body.dataset.ready = "yes";
  }
  async function follow() {
    await refresh();
    setTimeout(() => void follow(), EVERY_MS);
  }
  void follow();
  return refresh;
}
