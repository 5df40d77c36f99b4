// A confusion matrix: true classes down, answers across. One stop of the Tab key; arrow keys move, Enter chooses a cell.

import { Element } from "../core/element.js";
import { html, nothing, vars } from "../core/html.js";
import { count } from "../core/numbers.js";

class ConfusionTable extends Element {
  #told = null;
  #chosen = null; // [label, answered]
  #at = [0, 0];

  /** {classes, confusion, chosen} */
  set told(value) {
    this.#told = value;
    this.#chosen = value.chosen;
    if (value.chosen) this.#at = value.chosen;
    this.update();
  }

  #key(event) {
    const steps = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    const last = this.#told.classes.length - 1;
    this.#at = this.#at.map((each, axis) => Math.max(0, Math.min(last, each + step[axis])));
    this.updateNow();
    this.querySelector('button[tabindex="0"]').focus();
  }

  #choose(row, column) {
    const same = this.#chosen && this.#chosen[0] === row && this.#chosen[1] === column;
    this.dispatchEvent(new CustomEvent("cell", { detail: same ? null : [row, column], bubbles: true }));
  }

  #cell(amount, row, column, most) {
    const { classes } = this.#told;
    const right = row === column;
    const here = this.#at[0] === row && this.#at[1] === column;
    const chosen = this.#chosen && this.#chosen[0] === row && this.#chosen[1] === column;
    const said = `${count(amount)} of ${classes[row]} answered ${classes[column]}`;
    return html`<td>
      <button
        tabindex=${here ? 0 : -1}
        title=${said}
        aria-label=${said}
        aria-pressed=${chosen ? "true" : "false"}
        ?data-right=${right}
        ?data-none=${amount === 0}
        ${vars({ share: right || !amount ? 0 : (0.16 + 0.84 * Math.sqrt(amount / most)).toFixed(3) })}
        @click=${() => ((this.#at = [row, column]), this.#choose(row, column))}
      >
        ${amount || ""}
      </button>
    </td>`;
  }

  template() {
    if (!this.#told) return nothing;
    const { classes, confusion } = this.#told;
    const most = Math.max(1, ...confusion.flatMap((row, at) => row.filter((_, column) => column !== at)));
    return html`<table @keydown=${(event) => this.#key(event)} aria-label="Confusion matrix: true classes down, answers across">
      <thead><tr><td><small>is</small></td>${classes.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
      <tbody>
        ${confusion.map(
          (row, at) => html`<tr><th scope="row">${classes[at]}</th>${row.map((amount, column) => this.#cell(amount, at, column, most))}</tr>`,
        )}
      </tbody>
    </table>
    <p class="axis">answered</p>`;
  }
}

customElements.define("confusion-table", ConfusionTable);
