// An image whose values can be pointed at, with frames on it: as numbers while it is small, as colours always. A press
// or a drag tells "pressed" with the row and column, so do the arrow keys.

import { Element } from "../core/element.js";
import { html, svg, vars } from "../core/html.js";
import { brief } from "../core/numbers.js";
import { paint } from "../core/palette.js";
import { theme } from "../core/theme.js";
import { tidy } from "../core/tidy.js";
import { short } from "./number-grid.js";

const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
const WIDEST = 400; // of the page's dots
const NUMBERS = 12; // columns with numbers in them

class ValueGrid extends Element {
  #given = null;
  #over = null;
  #down = false;

  opened() {
    this.listen(theme, "change", () => this.painted());
  }

  /** Show rows of values; null in them is no value yet. `frames` are {box: [x, y, width, height], kind, cells}. */
  show({ name, rows, reach, signed, frames, at, inside = null }) {
    this.#given = { name, rows, reach, signed, frames, at, inside };
    this.update();
  }

  #place(event) {
    const { rows } = this.#given;
    const { left, top, width, height } = this.querySelector("canvas").getBoundingClientRect();
    const column = Math.floor(((event.clientX - left) / width) * rows[0].length);
    const row = Math.floor(((event.clientY - top) / height) * rows.length);
    return [Math.max(0, Math.min(rows.length - 1, row)), Math.max(0, Math.min(rows[0].length - 1, column))];
  }

  #tell(at) {
    this.dispatchEvent(new CustomEvent("pressed", { bubbles: true, detail: at }));
  }

  #moved(event) {
    this.#over = this.#place(event);
    if (this.#down) this.#tell(this.#over);
    this.update();
  }

  #key(event) {
    const way = ARROWS[event.key];
    if (!way) return;
    event.preventDefault();
    const { rows, at } = this.#given;
    const [row, column] = at.map((each, axis) => each + way[axis]);
    this.#tell([Math.max(0, Math.min(rows.length - 1, row)), Math.max(0, Math.min(rows[0].length - 1, column))]);
  }

  painted() {
    const canvas = this.querySelector("canvas");
    if (!canvas || this.#given === null) return;
    const { rows, reach, signed } = this.#given;
    paint(canvas, Float32Array.from(rows.flat(), (value) => value ?? NaN), rows[0].length, { reach, signed });
  }

  #frame({ box: [x, y, width, height], kind, cells = [] }) {
    return svg`${cells.map(([row, column]) => svg`<rect class="cell" data-kind=${kind} x=${column + 0.18} y=${row + 0.18} width="0.64" height="0.64" />`)}
      <rect data-kind=${kind} x=${x} y=${y} width=${width} height=${height} />`;
  }

  #numbers() {
    const { rows, reach, signed } = this.#given;
    if (rows[0].length > NUMBERS || rows.length > NUMBERS) return "";
    return rows.flatMap((row, y) =>
      row.map((value, x) =>
        value === null ? "" : svg`<text x=${x + 0.5} y=${y + 0.62} data-strong=${Math.abs(value) > 0.55 * reach ? (signed ? "signed" : "ink") : "no"}>${short(value)}</text>`,
      ),
    );
  }

  template() {
    if (this.#given === null) return html``;
    const { name, rows, reach, signed, frames, at, inside } = this.#given;
    const [high, wide] = [rows.length, rows[0].length];
    const zoom = Math.max(2, Math.min(44, Math.floor(WIDEST / Math.max(wide, high))));
    const [row, column] = this.#over ?? at;
    const value = rows[row]?.[column] ?? null;
    const where = inside ? [row - inside[1], column - inside[0]] : [row, column];
    const beside = inside && (where[0] < 0 || where[1] < 0 || where[0] >= inside[3] || where[1] >= inside[2]);
    const said = `row ${tidy(where[0])}, column ${tidy(where[1])}: ${value === null ? "not yet" : tidy(value)}${beside ? ", padding" : ""}`;
    return html`
      <div class="plane" ${vars({ wide: `${wide * zoom}px`, shape: `${wide} / ${high}` })}>
        <canvas
          tabindex="0"
          role="application"
          aria-label=${`${name}, ${high} by ${wide}; ${said}. Arrow keys move the place.`}
          @pointerdown=${(event) => {
            this.#down = true;
            event.currentTarget.setPointerCapture(event.pointerId);
            this.#moved(event);
          }}
          @pointermove=${(event) => this.#moved(event)}
          @pointerup=${() => (this.#down = false)}
          @pointercancel=${() => (this.#down = false)}
          @pointerleave=${() => ((this.#over = null), this.update())}
          @keydown=${(event) => this.#key(event)}
        ></canvas>
        <svg viewBox="0 0 ${wide} ${high}" aria-hidden="true">
          ${this.#numbers()} ${inside ? svg`<rect data-kind="inside" x=${inside[0]} y=${inside[1]} width=${inside[2]} height=${inside[3]} />` : ""}
          ${frames.map((frame) => this.#frame(frame))}
        </svg>
      </div>
      <p class="legend" data-signed=${signed}>
        ${signed ? html`<span>${brief(-reach)}</span><i></i>` : ""}<span>0</span><i></i><span>${brief(reach)}</span>
        <output>${said}</output>
      </p>
    `;
  }
}

customElements.define("value-grid", ValueGrid);
