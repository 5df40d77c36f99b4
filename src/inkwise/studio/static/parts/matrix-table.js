// The convolution as the matrix that it is: as numbers while it is small, as colours when it is larger, told of when it
// is too large. Fetched when it is opened; the row, or column, of the place that is looked at is framed.

import { address } from "../core/address.js";
import { Element } from "../core/element.js";
import { html, nothing, svg, vars } from "../core/html.js";
import { Latest } from "../core/latest.js";
import { count } from "../core/numbers.js";
import { paint } from "../core/palette.js";
import { tasks } from "../core/tasks.js";
import { theme } from "../core/theme.js";
import { numberGrid } from "./number-grid.js";

const [ROWS, COLUMNS] = [26, 11]; // of a matrix that is written in numbers

class MatrixTable extends Element {
  #given = { key: "", row: 0, column: null, words: "" };
  #asked = "";
  #told = null;
  #fault = "";

  #matrices = new Latest(
    () => tasks.during("Making the matrix", this.#given.fetch()),
    (told) => {
      this.#told = told;
      this.#fault = "";
      this.update();
    },
    (error) => {
      this.#told = null;
      this.#fault = error.kind === "Lost" ? "" : error.message;
      this.update();
    },
  );

  opened() {
    this.listen(theme, "change", () => this.painted());
  }

  /** What to fetch, named by `key`, and which row or column the place has. */
  show(given) {
    this.#given = given;
    this.#fetch();
    this.update();
  }

  get #open() {
    return address.get("matrix") === "open";
  }

  #fetch() {
    if (!this.#open || this.#asked === this.#given.key) return;
    this.#asked = this.#given.key;
    this.#matrices.run();
  }

  #toggled(event) {
    if (event.target.open !== this.#open) address.set({ matrix: event.target.open ? "open" : null });
    this.#fetch();
  }

  painted() {
    const canvas = this.querySelector("canvas");
    if (!canvas || !this.#told?.rows) return;
    const values = this.#told.rows.flat();
    const reach = Math.max(...values.map(Math.abs), 1e-12);
    paint(canvas, Float32Array.from(values), this.#told.shape[1], { reach, signed: true });
  }

  template() {
    return html`<details ?open=${this.#open} @toggle=${(event) => this.#toggled(event)}>
      <summary><h2>As a matrix</h2></summary>
      ${this.#fault ? html`<p class="fault" role="alert">${this.#fault}</p>` : nothing}
      ${this.#told ? this.#matrix(this.#told) : nothing}
    </details>`;
  }

  #matrix({ rows, shape, most, difference }) {
    const size = `${count(shape[0])} × ${count(shape[1])}`;
    if (rows === null) {
      return html`<p class="note">
        The matrix is ${size}: more than the ${count(most)} values that are shown. Take a smaller case, such as numbers of 5 × 5.
      </p>`;
    }
    const close = difference === 0 ? "exactly the result" : `the result to ${difference.toExponential(0)}`;
    return html`
      <p class="note">${size}. ${this.#given.words} Matrix times input is ${close}.</p>
      ${shape[0] <= ROWS && shape[1] <= COLUMNS
        ? html`<div class="matrix">${numberGrid("", rows, { strong: this.#given.row })}</div>`
        : this.#picture(shape)}
    `;
  }

  #picture([rows, columns]) {
    const zoom = Math.max(1, Math.min(14, Math.floor(880 / Math.max(rows, columns))));
    const { row, column } = this.#given;
    const frame =
      column === null || column === undefined
        ? svg`<rect x="0" y=${row} width=${columns} height="1" />`
        : svg`<rect x=${column} y="0" width="1" height=${rows} />`;
    return html`<div class="matrix picture" ${vars({ wide: `${columns * zoom}px`, shape: `${columns} / ${rows}` })}>
      <canvas role="img" aria-label=${`The matrix, ${rows} by ${columns}`}></canvas>
      <svg viewBox="0 0 ${columns} ${rows}" aria-hidden="true">${frame}</svg>
    </div>`;
  }
}

customElements.define("matrix-table", MatrixTable);
