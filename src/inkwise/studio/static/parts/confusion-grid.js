// A confusion matrix: rows are what the images are, columns what was answered; rights and wrongs have their own colours.

import { html, vars } from "../core/html.js";
import { count } from "../core/numbers.js";
import { percent } from "../core/periods.js";

export function confusionGrid({ classes, confusion, n, of, errors, accuracy, dataset, split }) {
  const totals = confusion.map((row) => row.reduce((before, each) => before + each, 0));
  const most = Math.max(1, ...confusion.flatMap((row, truth) => row.filter((_, said) => said !== truth)));
  const part = n < of ? `the first ${count(n)} of ${count(of)}` : `all ${count(n)}`;
  return html`<figure class="confusion">
    <table>
      <thead>
        <tr><th scope="col"><span class="hidden">is</span></th>${classes.map((name) => html`<th scope="col">${name}</th>`)}</tr>
      </thead>
      <tbody>
        ${confusion.map(
          (row, truth) => html`<tr>
            <th scope="row">${classes[truth]}</th>
            ${row.slice(0, classes.length).map((times, answered) => {
              const right = truth === answered;
              const share = right ? times / Math.max(1, totals[truth]) : times / most;
              return html`<td ?data-right=${right} title=${`${classes[truth]} answered ${classes[answered]}: ${times} of ${totals[truth]}`} ${vars({ share: share.toFixed(3) })}>${times || ""}</td>`;
            })}
          </tr>`,
        )}
      </tbody>
    </table>
    <figcaption>${count(errors)} / ${count(n)} wrong, ${percent(accuracy)} right, on ${part} ${split} images of ${dataset}. Rows are what they are.</figcaption>
  </figure>`;
}
