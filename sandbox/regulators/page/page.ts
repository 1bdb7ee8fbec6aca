import type { Language } from "../../page/texts.ts";
import { regulatorPageText, regulatorPageTexts, type RegulatorPageText } from "./texts.ts";

/** The page's frame. Its script fills it from `/sandbox/state`; texts travel as data, since the page's policy allows no inline script. */
export function regulatorPage(language: Language): string {
  const say = (key: RegulatorPageText): string => escaped(regulatorPageText(key, language));
  const other = language === "en" ? "es" : "en";
  const table = (id: string, title: RegulatorPageText, ...keys: readonly RegulatorPageText[]): string => `<section aria-labelledby="${id}-title"><h2 id="${id}-title">${say(title)}</h2>
<div class="wide" tabindex="0" role="group" aria-labelledby="${id}-title"><table><thead><tr>${keys.map((key) => `<th scope="col">${say(key)}</th>`).join("")}</tr></thead><tbody id="${id}"></tbody></table></div></section>`;
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${say("title")} · Caudal</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/assets/page/page.css">
<script type="module" src="/assets/regulators/page/page.js"></script>
</head>
<body data-texts="${escaped(JSON.stringify(regulatorPageTexts(language)))}">
<a class="skip" href="#content">${say("skip")}</a>
<header><div><h1>${say("title")}</h1><p>${say("what")}</p></div><a href="/?lang=${other}" lang="${other}" hreflang="${other}">${say("language")}</a></header>
<main id="content" tabindex="-1">
<p id="notice" role="status"></p>
<dl id="counts">
${(["requests", "stored", "works", "blocked", "clock", "seed"] as const).map((key) => `<div><dt>${say(key)}</dt><dd id="count-${key}">–</dd></div>`).join("\n")}
</dl>
${table("works", "works", "regulator", "work", "count", "newest-of", "voucher")}
<section aria-labelledby="held-title"><h2 id="held-title">${say("stored")}</h2><p id="held-what">${say("held.choose")}</p>
<div class="wide" id="held-table" tabindex="0" role="group" aria-labelledby="held-title" hidden><table><thead><tr>${(["measured", "values", "voucher", "stored-at"] as const).map((key) => `<th scope="col">${say(key)}</th>`).join("")}</tr></thead><tbody id="held"></tbody></table></div></section>
${table("newest", "newest", "time", "regulator", "request", "work", "measured", "outcome", "status", "shown")}
<section aria-labelledby="quirks-title">
<h2 id="quirks-title">${say("quirks")}</h2>
<p>${say("quirks.what")}</p>
<div class="choice"><label for="regulator">${say("regulator")}</label> <select id="regulator"><option value="all">${say("all")}</option></select> <button type="button" id="all-off">${say("off")}</button> <button type="button" id="release">${say("release")}</button></div>
<ul id="switches"></ul>
</section>
</main>
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
