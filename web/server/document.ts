/** Addresses of what the document loads. */
export interface DocumentLinks {
  readonly app: string;
  readonly theme: string;
  readonly style: string;
  readonly icon: string;
}

/**
 * The one HTML document. Nothing inline: the content security policy allows the page's own files only. What shows before the texts are
 * there says the same in both languages.
 */
export function documentOf({ app, theme, style, icon }: DocumentLinks): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="theme-color" media="(prefers-color-scheme: light)" content="#ffffff">
<meta name="theme-color" media="(prefers-color-scheme: dark)" content="#0e1b22">
<title>Caudal</title>
<link rel="icon" type="image/svg+xml" href="${icon}">
<script src="${theme}"></script>
<link rel="stylesheet" href="${style}">
<script type="module" src="${app}"></script>
</head>
<body>
<div id="app">
<div class="boot" aria-hidden="true"><img src="${icon}" alt="" width="48" height="48"></div>
</div>
<p id="boot-failed" class="boot-failed" hidden><span lang="es">Caudal no responde. Revise que esté en marcha y recargue la página.</span><br><span lang="en">Caudal does not answer. Check that it is running and load the page again.</span></p>
<noscript><p class="boot-failed"><span lang="es">Este panel necesita JavaScript.</span><br><span lang="en">This dashboard needs JavaScript.</span></p></noscript>
</body>
</html>
`;
}
