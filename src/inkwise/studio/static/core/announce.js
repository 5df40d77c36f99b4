// Telling a screen reader: one quiet region of the page, which says the newest thing after a rest.

const REST = 700; // milliseconds
let timer = 0;

export function announce(text, { soon = false } = {}) {
  clearTimeout(timer);
  timer = setTimeout(() => {
    const region = document.querySelector("#announcements");
    if (region && region.textContent !== text) region.textContent = text;
  }, soon ? 50 : REST);
}
