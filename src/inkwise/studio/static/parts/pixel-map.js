// A small picture whose every value can be read: by pointing at it, or with the arrow keys.

import { announce } from "../core/announce.js";
import { Element } from "../core/element.js";
import { html } from "../core/html.js";
import { paint } from "../core/palette.js";
import { theme } from "../core/theme.js";

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

class PixelMap extends Element {
  #values = new Float32Array(28 * 28);
  #width = 28;
  #reach = 255;
  #at = null;

  opened() {
    this.listen(theme, "change", () => this.painted());
  }

  /** Show values row by row; `reach` is full ink. */
  show(values, width, reach = 255) {
    this.#values = values;
    this.#width = width;
    this.#reach = reach;
    this.updateNow();
  }

  get #height() {
    return this.#values.length / this.#width;
  }

  #move(column, row) {
    this.#at = [
      Math.max(0, Math.min(this.#width - 1, column)),
      Math.max(0, Math.min(this.#height - 1, row)),
    ];
    this.update();
  }

  #pointed(event) {
    const { left, top, width, height } = event.target.getBoundingClientRect();
    const column = Math.floor(((event.clientX - left) / width) * this.#width);
    this.#move(column, Math.floor(((event.clientY - top) / height) * this.#height));
  }

  #key(event) {
    const way = ARROWS[event.key];
    if (!way) return;
    event.preventDefault();
    const [column, row] = this.#at ?? [Math.floor(this.#width / 2), Math.floor(this.#height / 2)];
    this.#move(column + way[0], row + way[1]);
    announce(this.#read(), { soon: true });
  }

  #read() {
    if (this.#at === null) return `${this.#width} x ${this.#height} pixels, ink from 0 to ${this.#reach}`;
    const [column, row] = this.#at;
    return `row ${row}, column ${column}: ${this.#values[row * this.#width + column]}`;
  }

  painted() {
    const canvas = this.querySelector("canvas");
    if (!canvas) return;
    paint(canvas, this.#values, this.#width, { reach: this.#reach });
  }

  template() {
    const [column, row] = this.#at ?? [-1, -1];
    return html`
      <div class="pixels">
        <canvas
          tabindex="0"
          role="img"
          aria-label="What the network sees. Arrow keys read single pixels."
          @pointermove=${(event) => this.#pointed(event)}
          @pointerdown=${(event) => this.#pointed(event)}
          @pointerleave=${() => ((this.#at = null), this.update())}
          @keydown=${(event) => this.#key(event)}
        ></canvas>
        <svg viewBox="0 0 ${this.#width} ${this.#height}" aria-hidden="true">
          <rect x=${column} y=${row} width="1" height="1" visibility=${column < 0 ? "hidden" : "visible"} />
        </svg>
      </div>
      <p class="reading">${this.#read()}</p>
    `;
  }
}

customElements.define("pixel-map", PixelMap);
