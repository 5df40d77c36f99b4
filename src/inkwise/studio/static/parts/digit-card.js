// One digit of a page: its place enlarged, what was read and how sure, and the buttons that put it right.

import { Element } from "../core/element.js";
import { html, nothing } from "../core/html.js";
import { paper } from "../core/paper.js";

const AROUND = 0.35; // of the digit's longer side, seen around it
const DOTS = 192;

class DigitCard extends Element {
  #place = null;

  opened() {
    this.listen(paper, "change", () => this.update());
  }

  set place(value) {
    this.#place = value;
    this.update();
  }

  template() {
    const digit = paper.digits[this.#place ?? -1];
    if (!digit) return html`<p class="empty">Choose a digit on the page, or with Tab and the arrow keys, to see it enlarged and to put it right.</p>`;
    const fixed = paper.isFixed(this.#place);
    const read = paper.original(this.#place);
    return html`
      <div class="look">
        <canvas width=${DOTS} height=${DOTS} role="img" aria-label="The digit enlarged"></canvas>
        <div>
          <p class="label" ?data-unsure=${!digit.accepted}>${digit.accepted ? digit.label : "?"}</p>
          <p>${this.#said(digit, read, fixed)}</p>
          <p class="where">Line ${digit.line + 1}, digit ${digit.column + 1}, ${digit.box[2]} × ${digit.box[3]} pixels</p>
        </div>
      </div>
      <div class="keys" role="group" aria-label="What it really is" data-unsaved>
        ${[..."0123456789?"].map(
          (sign) => html`<button
            aria-label=${sign === "?" ? "It cannot be read" : `It is ${sign}`}
            aria-pressed=${fixed && sign === (digit.accepted ? digit.label : "?") ? "true" : "false"}
            @click=${() => paper.fix(this.#place, sign)}
          >
            ${sign}
          </button>`,
        )}
      </div>
      ${fixed ? html`<button data-unsaved @click=${() => paper.fix(this.#place, null)}>As it was read</button>` : nothing}
    `;
  }

  #said(digit, read, fixed) {
    const was = read.accepted ? read.label : `? (${read.reason})`;
    if (fixed) return `Put right by hand; it was read as ${was}`;
    if (digit.accepted) return `${digit.said} sure`;
    return `Not accepted: ${digit.reason}. The likeliest is ${digit.label}, with ${digit.said}.`;
  }

  painted() {
    const digit = paper.digits[this.#place ?? -1];
    const canvas = this.querySelector("canvas");
    if (!digit || !canvas) return;
    const source = Object.assign(new Image(), { src: paper.read.picture.source });
    const paint = () => {
      const scale = source.naturalWidth / paper.read.page.size[0];
      const [left, top, wide, high] = digit.box.map((each) => each * scale);
      const side = Math.max(wide, high) * (1 + 2 * AROUND);
      const [x, y] = [left + wide / 2 - side / 2, top + high / 2 - side / 2];
      const context = canvas.getContext("2d");
      context.fillStyle = "#fff";
      context.fillRect(0, 0, DOTS, DOTS);
      context.drawImage(source, x, y, side, side, 0, 0, DOTS, DOTS);
    };
    source.decode().then(paint, () => null);
  }
}

customElements.define("digit-card", DigitCard);
