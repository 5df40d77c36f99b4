// The pictures of buttons, as paths in a square of 24, drawn as lines in the colour of the text.

import { html } from "../core/html.js";

const PATHS = {
  auto: "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18z M12 3v18 M12 7h6.5 M12 12h9 M12 17h6.5",
  light: "M12 8a4 4 0 1 0 0 8a4 4 0 0 0 0-8z M12 2v2 M12 20v2 M2 12h2 M20 12h2 M5 5l1.4 1.4 M17.6 17.6L19 19 M5 19l1.4-1.4 M17.6 6.4L19 5",
  dark: "M20 14.5A8.5 8.5 0 1 1 9.5 4a7 7 0 0 0 10.5 10.5z",
  save: "M12 4v11 M7.5 11l4.5 4.5L16.5 11 M5 20h14",
  lost: "M4 4l16 16 M8.5 15.5a5 5 0 0 1 3.5-1.5 M5 12a10 10 0 0 1 4-2.300 M2 8.5a15 15 0 0 1 4.5-2.600 M12 19h.01 M14 9.200a10 10 0 0 1 5 2.800 M11 5a15 15 0 0 1 11 3.5",
  here: "M5 12.5l4.5 4.5L19 7.5",
  undo: "M9 7L4.5 11.5L9 16 M5 11.5h9a5 5 0 0 1 0 10h-2",
  redo: "M15 7l4.5 4.5L15 16 M19 11.5h-9a5 5 0 0 0 0 10h2",
  clear: "M5 7h14 M10 7V4.5h4V7 M7 7l1 13h8l1-13 M10.5 11v5.5 M13.5 11v5.5",
  image: "M4 5h16v14H4z M4 16l4.5-4.5L13 16 M12 15l3-3l5 5 M15.5 8.5h.01",
  dice: "M5 5h14v14H5z M9 9h.01 M15 9h.01 M12 12h.01 M9 15h.01 M15 15h.01",
  warn: "M12 4l9 16H3z M12 10v4.5 M12 17.5h.01",
};

/** The picture called `name`, or of that path. */
export function icon(name) {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${PATHS[name] ?? name} /></svg>`;
}
