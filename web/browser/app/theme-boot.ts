/** Runs before the first paint, so that a remembered theme never flashes in the other one. */
try {
  const theme = localStorage.getItem("caudal.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset["theme"] = theme;
} catch {
  document.documentElement.removeAttribute("data-theme");
}
