// Numbers in rows as a small table, each cell tinted by its value: red above zero, blue below it.

import { html, vars } from "../core/html.js";
import { tidy } from "../core/tidy.js";

const MOST = 11; // columns with numbers in them; more are squares of colour

/** The rows under a title; `reach` is full colour, `out` says of a place that it is padding. */
export function numberGrid(title, rows, { reach = null, out = () => false, strong = null } = {}) {
  const most = reach ?? Math.max(...rows.flat().map(Math.abs), 1e-12);
  const small = rows[0].length > MOST;
  return html`<figure class="numbers" ?data-small=${small}>
    <figcaption>${title}</figcaption>
    <table>
      ${rows.map(
        (row, y) => html`<tr ?data-strong=${strong === y}>
          ${row.map(
            (value, x) => html`<td
              ?data-out=${out(y, x)}
              ?data-below=${value < 0}
              title=${`${tidy(value)}${out(y, x) ? ", padding" : ""}`}
              ${vars({ share: Math.min(1, Math.abs(value) / most).toFixed(3) })}
            >
              ${small ? "" : short(value)}
            </td>`,
          )}
        </tr>`,
      )}
    </table>
  </figure>`;
}

/** In at most three figures, so that cells stay narrow. */
export function short(value) {
  if (value === null) return "∞";
  const text = Number.isInteger(value) && Math.abs(value) < 1e5 ? value : Number(value.toPrecision(Math.abs(value) < 0.1 ? 1 : 2));
  return String(text).replace("-", "\u2212");
}
