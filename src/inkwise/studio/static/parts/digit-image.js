// One image of a dataset as a network sees it: ink on the theme's ground. With `values`, a map of the same size is laid
// over it: red speaks for the answer, blue against it.

import { Element } from "../core/element.js";
import { html } from "../core/html.js";
import { bytesOf } from "../core/api.js";
import { paint } from "../core/palette.js";
import { theme } from "../core/theme.js";

class DigitImage extends Element {
  #pixels = new Uint8Array(28 * 28);
  #map = null;
  #name = "";

  /** Bytes row by row in base64, a square. */
  set pixels(text) {
    this.#pixels = bytesOf(text);
    this.update();
  }

  /** Floats instead of the ink: {values, signed}; null for the ink. */
  set map(value) {
    this.#map = value;
    this.update();
  }

  /** What a screen reader says; "" where the words stand beside it. */
  set name(text) {
    this.#name = text;
    this.update();
  }

  opened() {
    this.listen(theme, "change", () => this.painted());
  }

  template() {
    return html`<canvas role=${this.#name ? "img" : "presentation"} aria-label=${this.#name}></canvas>`;
  }

  painted() {
    const canvas = this.querySelector("canvas");
    if (!canvas) return;
    if (this.#map === null) {
      paint(canvas, this.#pixels, Math.sqrt(this.#pixels.length), { reach: 255 });
    } else {
      const { values, signed, width } = this.#map;
      const reach = Math.max(...values.map(Math.abs), 1e-12);
      paint(canvas, values, width, { reach, signed });
    }
  }
}

customElements.define("digit-image", DigitImage);
