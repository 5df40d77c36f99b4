// The kernel of the image lab: one that has a name, numbers that are typed, or one that a layer has learned. Tells
// "kernel" with its text.

import { ask } from "../core/api.js";
import { Element } from "../core/element.js";
import { html, nothing, vars } from "../core/html.js";
import { models } from "../core/models.js";
import { tasks } from "../core/tasks.js";
import { short } from "./number-grid.js";

const MOST = 11;

class KernelEditor extends Element {
  #text = "";
  #rows = [[0]];
  #name = "";
  #choices = [];
  #layers = []; // of the model, whose kernels can be taken
  #of = null;
  #fault = "";

  opened() {
    this.listen(models, "change", () => this.#look());
  }

  /** Show a kernel: its text, and its values as the server read them. */
  show({ text, rows, name, choices }) {
    [this.#text, this.#rows, this.#name, this.#choices] = [text, rows, name, choices];
    this.#look();
    this.update();
  }

  async #look() {
    if (this.#of === models.id || !models.list.length) return;
    this.#of = models.id;
    try {
      const query = { model: models.id };
      this.#layers = (await tasks.during("Looking for kernels", ask("/api/convolution/layers", { query }))).layers;
      this.#fault = "";
    } catch (error) {
      this.#layers = [];
      if (error.kind === "Lost") this.#of = null;
      else this.#fault = error.message;
    }
    this.update();
  }

  #tell(text) {
    this.dispatchEvent(new CustomEvent("kernel", { bubbles: true, detail: text }));
  }

  #write(rows) {
    this.#tell(rows.map((row) => row.map((value) => Number(value.toPrecision(6))).join(" ")).join(";"));
  }

  #edit(y, x, event) {
    const value = event.target.valueAsNumber;
    if (!Number.isFinite(value)) return this.update();
    this.#write(this.#rows.map((row, at) => row.map((each, place) => (at === y && place === x ? value : each))));
  }

  /** Cut, or surround with zeros, about the middle. */
  #resize(high, wide) {
    const top = Math.floor((high - this.#rows.length) / 2);
    const left = Math.floor((wide - this.#rows[0].length) / 2);
    const value = (y, x) => this.#rows[y - top]?.[x - left] ?? 0;
    this.#write([...Array(high).keys()].map((y) => [...Array(wide).keys()].map((x) => value(y, x))));
  }

  get #trained() {
    const [layer, which] = this.#text.includes(":") ? this.#text.split(":") : ["", ""];
    const [out, into] = which.split(",").map(Number);
    return { layer, out, into: into || 0, about: this.#layers.find((each) => each.name === layer) };
  }

  #chosen(value) {
    if (value === "") this.#write(this.#rows);
    else this.#tell(value);
  }

  template() {
    const { layer } = this.#trained;
    const named = this.#choices.find((each) => each.name === this.#text);
    const [high, wide] = [this.#rows.length, this.#rows[0].length];
    const reach = Math.max(...this.#rows.flat().map(Math.abs), 1e-12);
    const small = wide > 5;
    return html`
      <div class="title">
        <h3>Kernel</h3>
        <select aria-label="Kernel" @change=${(event) => this.#chosen(event.target.value)}>
          <option value="" .selected=${!named && !layer}>typed</option>
          <optgroup label="Named">
            ${this.#choices.map((each) => html`<option value=${each.name} title=${each.does} .selected=${each === named}>${each.name}</option>`)}
          </optgroup>
          ${this.#layers.length
            ? html`<optgroup label=${`Learned by ${models.entry?.name ?? "the model"}`}>
                ${this.#layers.map((each) => html`<option value=${`${each.name}:0,0`} .selected=${each.name === layer}>${each.name}, ${each.out} × ${each.into} of ${each.size.join(" × ")}</option>`)}
              </optgroup>`
            : nothing}
        </select>
      </div>
      ${layer ? this.#which() : nothing}
      ${this.#fault ? html`<p class="note">${this.#fault}</p>` : nothing}
      <div class="cells" ?data-small=${small} ${vars({ columns: wide })}>
        ${this.#rows.map((row, y) =>
          row.map(
            (value, x) => html`<input
              type="number"
              step="any"
              aria-label=${`Row ${y}, column ${x} of the kernel`}
              ?data-below=${value < 0}
              ${vars({ share: (Math.abs(value) / reach).toFixed(3) })}
              title=${value}
              .value=${String(short(value)).replace("\u2212", "-")}
              @change=${(event) => this.#edit(y, x, event)}
            />`,
          ),
        )}
      </div>
      <div class="counters" data-unsaved>
        <label class="counter"><span>Rows</span
          ><input type="number" min="1" max=${MOST} .value=${String(high)} @change=${(event) => this.#sized(event, (size) => this.#resize(size, wide))}
        /></label>
        <label class="counter"><span>Columns</span
          ><input type="number" min="1" max=${MOST} .value=${String(wide)} @change=${(event) => this.#sized(event, (size) => this.#resize(high, size))}
        /></label>
      </div>
      <p class="note">${this.#name}</p>
    `;
  }

  #sized(event, change) {
    const size = Math.round(event.target.valueAsNumber);
    if (size >= 1 && size <= MOST) change(size);
    else this.update();
  }

  #which() {
    const { layer, out, into, about } = this.#trained;
    if (!about) return nothing;
    const channel = (label, value, count, text) => html`<label class="counter"
      ><span>${label}<small> of ${count}</small></span
      ><input type="number" min="0" max=${count - 1} .value=${String(value)} @change=${(event) => this.#tell(`${layer}:${text(Math.max(0, Math.min(count - 1, event.target.valueAsNumber || 0)))}`)}
    /></label>`;
    return html`<div class="counters">
      ${channel("Output", out, about.out, (value) => `${value},${into}`)}
      ${channel("Input", into, about.into, (value) => `${out},${value}`)}
    </div>`;
  }
}

customElements.define("kernel-editor", KernelEditor);
