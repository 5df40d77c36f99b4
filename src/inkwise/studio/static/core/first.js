// Before anything is painted: the theme that was chosen, or the machine's, so that no page flashes in the other one.
// A classic script, since modules run later.

{
  const chosen = localStorage.getItem("inkwise-theme");
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = chosen ?? (dark ? "dark" : "light");
}
