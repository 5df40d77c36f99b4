// Convolution over one axis: two signals, how one slides over the other, every place with its products and their sum.

import { address } from "../core/address.js";
import { announce } from "../core/announce.js";
import { ask } from "../core/api.js";
import { Element } from "../core/element.js";
import { html, nothing } from "../core/html.js";
import { Latest } from "../core/latest.js";
import { tasks } from "../core/tasks.js";
import { factor, tidy } from "../core/tidy.js";
import { choiceRow, counter } from "./choice-row.js";
import "./matrix-table.js";
import "./place-player.js";
import "./signal-field.js";
import "./signal-stage.js";

const OPERATIONS = [
  ["convolution", "Convolution", "h is turned round first"],
  ["correlation", "Correlation", "h is left as it is; what networks compute"],
  ["auto", "Auto-correlation", "x over itself"],
];
const MODES = [
  ["full", "Full", "every place where the two meet"],
  ["same", "Same", "as many values as x has"],
  ["valid", "Valid", "only where all of h lies on x"],
  ["causal", "Causal", "no value depends on a later one"],
];
const FORMULAS = {
  convolution: "y(n) = Σ x(k) · h(n − k)",
  correlation: "y(n) = Σ x(k + n) · h(k)",
  auto: "y(n) = Σ x(k + n) · x(k)",
};
const FIRST = { x: "0 0 1 1 1 1 1 0 0", h: "1 0.7 0.4 0.2", operation: "convolution", mode: "full", stride: "1", dilation: "1" };
const TERMS = 8; // of a sum that are written out

class SignalLab extends Element {
  #told = null;
  #fault = "";
  choices = null;

  #lines = new Latest(
    (query) => tasks.during("Convolving", ask("/api/convolution/line", { query })),
    (told, query) => {
      this.#told = { ...told, operation: query.operation };
      this.#fault = "";
      this.update();
    },
    (error) => {
      this.#fault = error.kind === "Lost" ? "" : error.message;
      this.update();
    },
  );

  opened() {
    this.listen(address, "change", () => this.#changed());
    this.listen(this, "placed", ({ detail }) => this.#placed(detail));
    this.#changed();
  }

  get #query() {
    return Object.fromEntries(Object.entries(FIRST).map(([name, first]) => [name, address.get(name, first)]));
  }

  get #at() {
    const last = (this.#told?.steps.length ?? 1) - 1;
    const middle = String(Math.floor(last / 2)); // where something is to be seen
    return Math.max(0, Math.min(last, Number.parseInt(address.get("place", middle), 10) || 0));
  }

  #asked = "";

  #changed() {
    const asked = JSON.stringify(this.#query);
    if (asked !== this.#asked) this.#lines.run(this.#query);
    this.#asked = asked;
    this.update();
  }

  #set(values) {
    const told = Object.entries(values).map(([name, value]) => [name, String(value) === FIRST[name] ? null : String(value)]);
    address.set(Object.fromEntries(told));
  }

  #placed({ at, playing }) {
    address.set({ place: String(at) });
    const step = this.#told.steps[at];
    if (!playing) announce(`Place ${tidy(step.index)}: ${tidy(step.total)}`);
  }

  painted() {
    if (this.choices === null) return;
    const [first, second] = this.querySelectorAll("signal-field");
    const { signals, kernels } = this.choices;
    const given = this.#query;
    first.show({ label: "First signal, x", text: given.x, values: this.#told?.input ?? [], choices: signals });
    second?.show({
      label: "Second signal, h",
      text: given.h,
      values: this.#told?.kernel ?? [],
      choices: signals,
      kernels: kernels.filter((each) => each.size.length === 1).map((each) => ({ ...each, text: spelled(each) })),
    });
    if (this.#told === null) return;
    const step = this.#told.steps[this.#at];
    this.querySelector("signal-stage").show(this.#told, this.#at);
    this.querySelector("place-player").show(this.#told.steps.length, this.#at, `n = ${tidy(step.index)}`);
    this.querySelector("matrix-table").show({
      key: JSON.stringify(given),
      fetch: () => ask("/api/convolution/line/matrix", { query: given }),
      row: this.#at,
      words: "h stands in each row where it lies for one value of y, so that y is this matrix times x.",
    });
  }

  template() {
    const { operation, mode, stride, dilation } = this.#query;
    return html`
      <div class="lab">
        <section class="card controls" aria-label="The two signals">
          ${choiceRow("Operation", OPERATIONS, operation, (value) => this.#set({ operation: value }))}
          ${choiceRow("Mode", MODES, mode, (value) => this.#set({ mode: value }))}
          <div @signal=${({ detail }) => this.#set({ x: detail })}><signal-field></signal-field></div>
          ${operation === "auto"
            ? nothing
            : html`<div @signal=${({ detail }) => this.#set({ h: detail })}><signal-field></signal-field></div>`}
          <div class="counters">
            ${counter("Stride", stride, [1, 16], (value) => this.#set({ stride: value }), "Steps between two places")}
            ${counter("Dilation", dilation, [1, 16], (value) => this.#set({ dilation: value }), "Steps between two values of the second signal")}
          </div>
        </section>
        <section class="results" aria-label="What comes of them">
          ${this.#fault ? html`<p class="fault" role="alert">${this.#fault}</p>` : nothing}
          <div class="card stage" ?data-old=${this.#fault !== ""}>
            <place-player></place-player>
            <signal-stage></signal-stage>
            ${this.#told ? this.#sum() : nothing}
          </div>
          <div class="card">${this.#told ? this.#size() : nothing}</div>
          <div class="card"><matrix-table></matrix-table></div>
        </section>
      </div>
    `;
  }

  #sum() {
    const step = this.#told.steps[this.#at];
    const terms = step.patch.map((value, k) => [value, this.#told.lies[k], step.products[k]]).filter(([, , product]) => product !== 0);
    const shown = terms.slice(0, TERMS).map(([value, weight]) => `${factor(value)} · ${factor(weight)}`);
    const more = terms.length > TERMS ? ` + … ${terms.length - TERMS} more` : "";
    return html`<p class="sum">
      y(${tidy(step.index)}) = ${shown.length ? `${shown.join(" + ")}${more}` : "only products with 0"} = <strong>${tidy(step.total)}</strong>
    </p>`;
  }

  #size() {
    const { formula, setting, symmetric, operation, notices } = this.#told;
    const [[before, after]] = setting.padding;
    return html`<h2>The rule and its size</h2>
      <p class="formula">${FORMULAS[operation]}</p>
      <p class="formula">values: ${formula[0].replaceAll("*", " · ")}</p>
      <p class="note">
        Mode ${setting.mode} pads x by ${before} before and ${after} after.
        ${symmetric && operation !== "auto" ? "h is symmetric, so that convolution and correlation give the same." : ""} Computed by
        ${setting.algorithm}: ${setting.reason.replace(/^\w+: /, "")}. ${notices.join(" ")}
      </p>`;
  }
}

/** A kernel's values as the field takes them. */
function spelled({ rows, divisor }) {
  return rows[0].map((value) => (divisor === 1 ? value : `${value}/${divisor}`)).join(" ");
}

customElements.define("signal-lab", SignalLab);
