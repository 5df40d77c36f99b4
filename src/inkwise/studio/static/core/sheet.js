// A style sheet that only some views need; resolves when it is there.

export function sheet(path) {
  const href = new URL(path, import.meta.url).pathname;
  if (document.querySelector(`link[href="${href}"]`)) return Promise.resolve();
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
  const there = new Promise((done) => link.addEventListener("load", done));
  document.head.append(link);
  return there;
}
