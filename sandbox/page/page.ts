import { pageText, pageTexts, type Language, type PageText } from "./texts.ts";

/** The page's frame. Its script fills it from `/sandbox/state`; texts travel as data, since the page's policy allows no inline script. */
export function page(language: Language): string {
  const say = (key: PageText): string => escaped(pageText(key, language));
  const other = language === "en" ? "es" : "en";
  const head = (...keys: readonly PageText[]): string => `<thead><tr>${keys.map((key) => `<th scope="col">${say(key)}</th>`).join("")}</tr></thead>`;
  const table = (id: string, title: PageText, ...keys: readonly PageText[]): string =>
    `<section aria-labelledby="${id}-title"><h2 id="${id}-title">${say(title)}</h2><div class="wide" tabindex="0" role="group" aria-labelledby="${id}-title"><table>${head(...keys)}<tbody id="${id}"></tbody></table></div></section>`;
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${say("title")} · Caudal</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/assets/page/page.css">
<script type="module" src="/assets/page/page.js"></script>
</head>
<body data-texts="${escaped(JSON.stringify(pageTexts(language)))}">
<a class="skip" href="#content">${say("skip")}</a>
<header><div><h1>${say("title")}</h1><p>${say("what")}</p></div><a href="/?lang=${other}" lang="${other}" hreflang="${other}">${say("language")}</a></header>
<main id="content" tabindex="-1">
<p id="notice" role="status"></p>
<dl id="counts">
${(["requests", "exceeded", "devices", "clock", "seed"] as const).map((key) => `<div><dt>${say(key)}</dt><dd id="count-${key}">–</dd></div>`).join("\n")}
</dl>
<section aria-labelledby="quirks-title">
<h2 id="quirks-title">${say("quirks")}</h2>
<p>${say("quirks.what")}</p>
<div class="choice"><label for="provider">${say("provider")}</label> <select id="provider"><option value="all">${say("all")}</option></select> <button type="button" id="all-off">${say("off")}</button></div>
<ul id="switches"></ul>
</section>
${table("rates", "rates", "provider", "credential", "used", "limit")}
${table("newest", "newest", "time", "provider", "request", "device", "status", "rows", "shown")}
${table("devices", "devices", "provider", "device", "kind", "every", "keys")}
</main>
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
