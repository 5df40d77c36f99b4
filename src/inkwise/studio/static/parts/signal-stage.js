// Two signals on one axis: the first with its padding, the second where it lies, their products, and the result, which
// stands under the second's first value. A drag moves the second one along. Tells "placed".

import { Element } from "../core/element.js";
import { html, svg } from "../core/html.js";
import { tidy } from "../core/tidy.js";
import { short } from "./number-grid.js";

const LEFT = 14;
const RIGHT = 14;
const HEAD = 34; // of a lane, for its title
const BODY = 74;
const FOOT = 44;
const NUMBERS = 25; // dots of a cell from which on values are written

class SignalStage extends Element {
  #told = null;
  #at = 0;
  #wide = 600;
  #down = false;
  #sizes = null;

  opened() {
    this.#sizes = new ResizeObserver(([entry]) => {
      this.#wide = Math.max(260, Math.floor(entry.contentRect.width));
      this.update();
    });
    this.#sizes.observe(this);
  }

  closed() {
    this.#sizes.disconnect();
  }

  /** Show what the server told, at one place. */
  show(told, at) {
    this.#told = told;
    this.#at = at;
    this.update();
  }

  get #cell() {
    return (this.#wide - LEFT - RIGHT) / this.#told.padded.length;
  }

  /** The left edge of the cell of a sample of the first signal, which has negative ones where it was padded. */
  #x(index) {
    return LEFT + (index + this.#told.before) * this.#cell;
  }

  #drag(event) {
    const { left } = this.querySelector("svg").getBoundingClientRect();
    const index = Math.floor((event.clientX - left - LEFT) / this.#cell) - this.#told.before;
    const [stride] = this.#told.setting.stride;
    const reach = this.#told.setting.dilation[0] * (this.#told.lies.length - 1);
    const place = Math.round((index - Math.floor(reach / 2) - this.#told.steps[0].origin) / stride);
    const at = Math.max(0, Math.min(this.#told.steps.length - 1, place));
    if (at !== this.#at) this.dispatchEvent(new CustomEvent("placed", { bubbles: true, detail: { at, playing: false } }));
  }

  /** Bars of values at samples; `kind` colours them, `faint` says which are not reached yet. */
  #lane(number, title, values, kind, { faint = () => false } = {}) {
    const top = number * (HEAD + BODY + FOOT);
    const known = values.filter(([, value]) => value !== null);
    const high = Math.max(0, ...known.map(([, value]) => value));
    const low = Math.min(0, ...known.map(([, value]) => value));
    const scale = BODY / (high - low || 1);
    const zero = top + HEAD + (high - low ? high : 1) * scale;
    const wide = this.#cell;
    const label = (value) => {
      const text = short(value);
      return wide >= NUMBERS && text.length * 7 <= wide + 6 ? text : "";
    };
    return svg`
      <text class="title" x=${LEFT} y=${top + 14}>${title}</text>
      <path class="zero" d="M${LEFT} ${zero}H${this.#wide - RIGHT}" />
      ${known.map(([index, value]) => {
        const tall = Math.max(1.5, Math.abs(value) * scale);
        const y = value < 0 ? zero : zero - tall;
        const dim = faint(index) ? "" : null;
        return svg`<g class=${kind} data-faint=${dim ?? "no"}>
            <rect x=${this.#x(index) + wide * 0.14} y=${y} width=${Math.max(1, wide * 0.72)} height=${tall} rx=${Math.min(2, wide / 8)}>
              <title>at ${index}: ${tidy(value)}</title></rect>
            <text x=${this.#x(index) + wide / 2} y=${value < 0 ? zero + tall + 12 : zero - tall - 4}>${label(value)}</text>
          </g>`;
      })}`;
  }

  #axis(number) {
    const { padded, before } = this.#told;
    const every = [1, 2, 5, 10, 20].find((each) => each * this.#cell >= 26) ?? 50;
    const y = number * (HEAD + BODY + FOOT) - FOOT + 29;
    const places = [...padded.keys()].map((place) => place - before).filter((index) => index % every === 0);
    return places.map((index) => svg`<text class="tick" x=${this.#x(index) + this.#cell / 2} y=${y}>${tidy(index)}</text>`);
  }

  template() {
    const told = this.#told;
    if (told === null) return html``;
    const step = told.steps[this.#at];
    const [dilation] = told.setting.dilation;
    const under = told.lies.map((_, k) => step.origin + k * dilation);
    const tall = 4 * (HEAD + BODY + FOOT);
    const [from, to] = [this.#x(under[0]), this.#x(under.at(-1)) + this.#cell];
    const last = told.steps.at(-1).index;
    const count = told.input.length;
    const own = told.operation === "auto";
    const turned = told.operation === "convolution";
    return html`<svg
      width=${this.#wide}
      height=${tall}
      viewBox="0 0 ${this.#wide} ${tall}"
      role="img"
      aria-label=${`The signals at place ${step.index}: the result there is ${tidy(step.total)}`}
      @pointerdown=${(event) => {
        this.#down = true;
        event.currentTarget.setPointerCapture(event.pointerId);
        this.#drag(event);
      }}
      @pointermove=${(event) => this.#down && this.#drag(event)}
      @pointerup=${() => (this.#down = false)}
      @pointercancel=${() => (this.#down = false)}
    >
      <rect class="band" x=${from} y="22" width=${to - from} height=${3 * (HEAD + BODY + FOOT) - 36} rx="6" />
      <rect class="spot" x=${this.#x(step.index)} y=${3 * (HEAD + BODY + FOOT) + 22} width=${this.#cell} height=${HEAD + BODY + FOOT - 34} rx="4" />
      ${this.#lane(0, "x, the first signal; pale where it was padded", told.padded.map((value, place) => [place - told.before, value]), "first", {
        faint: (index) => index < 0 || index >= count,
      })}
      ${this.#lane(1, second(own, turned, step.index), told.lies.map((value, k) => [under[k], value]), "second")}
      ${this.#lane(2, "their products", step.products.map((value, k) => [under[k], value]), "products")}
      ${this.#lane(3, "y, the result: each value is such a sum", told.steps.map((each) => [each.index, each.total]), "result", {
        faint: (index) => index > step.index && index <= last,
      })}
      ${this.#axis(1)}${this.#axis(2)}${this.#axis(3)}${this.#axis(4)}
    </svg>`;
  }
}

function second(own, turned, index) {
  if (own) return `x again, moved by the lag ${tidy(index)}`;
  return turned ? `h, turned round and moved by ${tidy(index)}` : `h, moved by the lag ${tidy(index)}`;
}

customElements.define("signal-stage", SignalStage);
