// A signal: typed as numbers, chosen from a list, or drawn, with the pointer or with arrow keys. Tells "signal" with its
// text; the values that it shows are those that the server read in it.

import { announce } from "../core/announce.js";
import { Element } from "../core/element.js";
import { html, svg } from "../core/html.js";
import { tidy } from "../core/tidy.js";

const HIGH = 84; // of the drawing, in dots
const CELL = 12;

class SignalField extends Element {
  #label = "";
  #text = "";
  #values = [];
  #choices = [];
  #kernels = [];
  #spot = 0; // of the arrow keys
  #down = false;
  #reach = 1;

  /** Show a signal: its text, and its values as the server read them. */
  show({ label, text, values, choices, kernels = [] }) {
    [this.#label, this.#text, this.#values, this.#choices, this.#kernels] = [label, text, values, choices, kernels];
    if (!this.#down) this.#reach = ceiling(values);
    this.update();
  }

  #tell(text) {
    this.dispatchEvent(new CustomEvent("signal", { bubbles: true, detail: text }));
  }

  #put(index, value) {
    const values = [...this.#values];
    values[index] = value;
    this.#values = values;
    this.update();
    this.#tell(values.map((each) => Number(each.toPrecision(6))).join(" "));
  }

  #pointed(event) {
    const { left, top, width, height } = this.querySelector("svg").getBoundingClientRect();
    const index = Math.floor(((event.clientX - left) / width) * this.#values.length);
    const share = 1 - (2 * (event.clientY - top)) / height;
    if (index < 0 || index >= this.#values.length) return;
    this.#spot = index;
    const step = this.#reach / 20;
    this.#put(index, Math.max(-20, Math.min(20, Math.round(share * 20))) * step);
  }

  #key(event) {
    const across = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const up = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (across) this.#spot = Math.max(0, Math.min(this.#values.length - 1, this.#spot + across));
    else if (up) this.#put(this.#spot, this.#values[this.#spot] + (up * this.#reach) / 20);
    else return;
    event.preventDefault();
    announce(`Value ${this.#spot}: ${tidy(this.#values[this.#spot])}`, { soon: true });
    this.update();
  }

  #resize(count) {
    if (!count) return;
    const values = [...Array(Math.min(64, count)).keys()].map((index) => this.#values[index] ?? 0);
    this.#tell(values.join(" "));
  }

  #choose(name) {
    const found = [...this.#choices, ...this.#kernels].find((each) => each.name === name);
    if (found) this.#tell(found.text);
  }

  template() {
    const values = this.#values;
    const middle = HIGH / 2;
    const scale = (middle - 4) / this.#reach;
    const known = [...this.#choices, ...this.#kernels].find((each) => each.text === this.#text)?.name ?? "";
    const option = ({ name, does }) => html`<option value=${name} title=${does} .selected=${name === known}>${name}</option>`;
    return html`
      <div class="title">
        <h3>${this.#label}</h3>
        <select aria-label=${`${this.#label}: choose`} @change=${(event) => this.#choose(event.target.value)}>
          <option value="" .selected=${known === ""}>its own</option>
          ${this.#kernels.length
            ? html`<optgroup label="Signals">${this.#choices.map(option)}</optgroup>
                <optgroup label="Kernels">${this.#kernels.map(option)}</optgroup>`
            : this.#choices.map(option)}
        </select>
      </div>
      <svg
        viewBox="0 0 ${Math.max(1, values.length) * CELL} ${HIGH}"
        preserveAspectRatio="none"
        tabindex="0"
        role="application"
        aria-label=${`${this.#label}, ${values.length} values, drawn. Left and right choose a value, up and down change it.`}
        @pointerdown=${(event) => {
          this.#down = true;
          event.currentTarget.setPointerCapture(event.pointerId);
          this.#pointed(event);
        }}
        @pointermove=${(event) => this.#down && this.#pointed(event)}
        @pointerup=${() => (this.#down = false)}
        @pointercancel=${() => (this.#down = false)}
        @keydown=${(event) => this.#key(event)}
      >
        ${values.map((value, index) => {
          const top = middle - Math.max(0, value) * scale;
          const high = Math.max(1.5, Math.abs(value) * scale);
          return svg`<rect class="spot" ?data-on=${index === this.#spot} x=${index * CELL} y="0" width=${CELL} height=${HIGH} />
            <rect class="value" x=${index * CELL + 2} y=${top} width=${CELL - 4} height=${high} />`;
        })}
        ${svg`<path d="M0 ${middle}H${values.length * CELL}" />`}
      </svg>
      <div class="typed">
        <input
          type="text"
          spellcheck="false"
          aria-label=${`${this.#label} as numbers`}
          .value=${this.#text}
          @change=${(event) => this.#tell(event.target.value)}
        />
        <label title="How many values it has"
          ><span class="hidden">Values of ${this.#label}</span
          ><input type="number" min="1" max="64" .value=${String(values.length)} @change=${(event) => this.#resize(event.target.valueAsNumber)}
        /></label>
      </div>
    `;
  }
}

/** A round number that no value goes beyond. */
function ceiling(values) {
  const most = Math.max(...values.map(Math.abs), 1e-9);
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5, 10].find((each) => each * power >= most) * power;
}

customElements.define("signal-field", SignalField);
