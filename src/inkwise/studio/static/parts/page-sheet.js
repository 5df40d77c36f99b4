// A page with what was read on it: a frame and a number for each digit. One stop of the Tab key; arrows go from digit to
// digit, a number puts it right, ? says that it cannot be read, Backspace takes that back.

import { Element } from "../core/element.js";
import { html, nothing, svg, vars } from "../core/html.js";
import { paper } from "../core/paper.js";

class PageSheet extends Element {
  #chosen = null;
  #stage = "page";
  #bare = false;

  /** Which stage of the reading is shown, with frames or bare, and the digit that is chosen. */
  set sheet({ chosen, stage, bare }) {
    this.#chosen = chosen;
    this.#stage = stage;
    this.#bare = bare;
    this.update();
  }

  focusDigit() {
    this.querySelector(`[data-place="${this.#chosen}"]`)?.focus();
  }

  #choose(place) {
    this.dispatchEvent(new CustomEvent("digit", { detail: place, bubbles: true }));
  }

  #key(event, place) {
    const count = paper.digits.length;
    const along = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const across = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (along) this.#choose((place + along + count) % count);
    else if (across) this.#choose(beside(place, across));
    else if (event.key === "Home") this.#choose(0);
    else if (event.key === "End") this.#choose(count - 1);
    else if (/^[0-9?]$/.test(event.key)) paper.fix(place, event.key);
    else if (event.key === "Backspace" || event.key === "Delete") paper.fix(place, null);
    else if (event.key === "Enter" || event.key === " ") this.#choose(place);
    else return;
    event.preventDefault();
  }

  #digit(digit, place) {
    const [left, top, wide, high] = digit.box;
    const text = digit.accepted ? digit.label : "?";
    const here = place === (this.#chosen ?? 0);
    const state = paper.isFixed(place) ? "fixed" : digit.accepted ? "sure" : "unsure";
    const size = Math.max(0.62 * high, this.#least);
    return svg`<g
      class=${state}
      role="button"
      tabindex=${here ? 0 : -1}
      data-place=${place}
      aria-pressed=${place === this.#chosen ? "true" : "false"}
      aria-label=${spoken(digit, place)}
      @click=${() => this.#choose(place)}
      @keydown=${(event) => this.#key(event, place)}
    >
      <rect x=${left} y=${top} width=${wide} height=${high} rx=${size / 12} />
      <text x=${left + wide / 2} y=${top - size / 7} font-size=${size}>${text}</text>
    </g>`;
  }

  /** The least height of a number, in the page's own pixels, so that small writing can be read too. */
  get #least() {
    const { size } = (paper.now ?? paper.read).page;
    return Math.max(...size) / 80;
  }

  template() {
    const read = paper.read;
    if (read === null) return nothing;
    const [wide, high] = read.page.size;
    const picture = paper.stages.find((each) => each.name === this.#stage && each.name !== "page") ?? read.picture;
    const what = this.#stage === "page" ? paper.name : `${paper.name}: ${this.#stage}`;
    return html`<div class="sheet" ${vars({ wide, high })}>
      <img src=${picture.source} alt=${what} width=${wide} height=${high} />
      <svg viewBox="0 0 ${wide} ${high}" role="group" aria-label="Digits that were read" ?data-bare=${this.#bare}>
        ${paper.digits.map((digit, place) => this.#digit(digit, place))}
      </svg>
    </div>`;
  }
}

/** The digit nearest above or below: the first of the next line, or the nearest along it. */
function beside(place, step) {
  const { digits } = paper;
  const from = digits[place];
  const middle = ({ box }) => box[0] + box[2] / 2;
  const near = digits.map((digit, index) => ({ digit, index })).filter(({ digit }) => digit.line === from.line + step);
  near.sort((one, other) => Math.abs(middle(one.digit) - middle(from)) - Math.abs(middle(other.digit) - middle(from)));
  return near[0]?.index ?? place;
}

function spoken(digit, place) {
  const where = `Line ${digit.line + 1}, digit ${digit.column + 1}: `;
  if (paper.isFixed(place)) return `${where}${digit.accepted ? digit.label : "cannot be read"}, put right by hand`;
  return digit.accepted ? `${where}${digit.label}, ${digit.said} sure` : `${where}not accepted, ${digit.reason}`;
}

customElements.define("page-sheet", PageSheet);
