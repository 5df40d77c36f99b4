// The view Stress: the drawing under a hand's choice of changes, and how sure the model stays along one of them.

import { address } from "../core/address.js";
import { announce } from "../core/announce.js";
import { ask } from "../core/api.js";
import { drawing } from "../core/drawing.js";
import { Element } from "../core/element.js";
import { html, live, nothing, vars } from "../core/html.js";
import { Latest } from "../core/latest.js";
import { models } from "../core/models.js";
import { tasks } from "../core/tasks.js";
import "../parts/digit-image.js";
import "../parts/drawing-pad.js";
import "../parts/line-chart.js";

const KNOWN = {
  rotation: ["Rotation", "degrees, counter-clockwise", 1],
  right: ["Shift to the right", "pixels", 0.5],
  down: ["Shift down", "pixels", 0.5],
  scale: ["Scale", "times", 0.05],
  thickness: ["Thickness", "pixels more", 0.25],
  noise: ["Noise", "of full ink", 0.02],
};

class StressView extends Element {
  #ranges = [];
  #told = null;
  #fault = "";
  #asked = "";

  #answers = new Latest(
    (query) => tasks.during("Waiting for the network", ask("/api/stress/answer", { query, body: drawing.body() })),
    (told) => {
      this.#told = drawing.empty ? null : told;
      this.#fault = "";
      announce(`${told.label}, ${told.said} sure`);
      this.update();
    },
    (error) => {
      this.#fault = error.kind === "Lost" ? "" : error.message;
      this.update();
    },
  );

  opened() {
    this.listen(drawing, "change", () => this.#ask(true));
    this.listen(models, "change", () => this.#ask());
    this.listen(address, "change", () => this.#ask());
    if (!this.#ranges.length) {
      ask("/api/stress/ranges").then(
        ({ ranges }) => ((this.#ranges = ranges), this.#ask(true), this.update()),
        (error) => ((this.#fault = error.message), this.update()),
      );
    }
    this.#ask(true);
  }

  get #along() {
    return address.get("along", "rotation");
  }

  #amount({ name, rest, low, high }) {
    const given = Number.parseFloat(address.get(name) ?? rest);
    return Number.isFinite(given) ? Math.max(low, Math.min(high, given)) : rest;
  }

  #ask(drawn = false) {
    if (!models.list.length || !this.#ranges.length) return;
    if (drawing.empty) {
      this.#told = null;
      this.#asked = "";
      return this.update();
    }
    const amounts = Object.fromEntries(this.#ranges.map((each) => [each.name, this.#amount(each)]));
    const query = { model: models.id, along: this.#along, ...amounts };
    const asked = JSON.stringify(query);
    if (asked !== this.#asked || drawn) this.#answers.run(query);
    this.#asked = asked;
    this.update();
  }

  #set(range, value) {
    address.set({ [range.name]: Number(value) === range.rest ? null : value, along: range.name === "rotation" ? null : range.name });
  }

  #reset() {
    address.set(Object.fromEntries(this.#ranges.map(({ name }) => [name, null])));
  }

  template() {
    return html`<div class="desk">
      <section class="card" aria-label="Paper"><drawing-pad></drawing-pad></section>
      <section class="card sliders" aria-labelledby="strain">
        <h2 id="strain">What is done to it</h2>
        ${this.#ranges.map((each) => this.#slider(each))}
        <button data-unsaved @click=${() => this.#reset()}>As it was drawn</button>
      </section>
      <section class="card result" aria-labelledby="result">
        <h2 id="result">What the network gets, and says</h2>
        ${this.#fault ? html`<p class="fault" role="alert">${this.#fault}</p>` : nothing}
        ${this.#told ? this.#result(this.#told) : html`<p class="empty">Draw a digit, or take a test digit: then change it with the sliders.</p>`}
      </section>
    </div>
    ${this.#told ? this.#curve(this.#told) : nothing}`;
  }

  #slider(range) {
    const [title, unit, step] = KNOWN[range.name] ?? [range.name, "", 0.1];
    const value = this.#amount(range);
    const changed = value !== range.rest;
    return html`<div class="slider" ?data-along=${range.name === this.#along} ?data-changed=${changed}>
      <label for=${`strain-${range.name}`}>${title}</label>
      <output>${value} <small>${unit}</small></output>
      <input
        id=${`strain-${range.name}`}
        type="range"
        min=${range.low}
        max=${range.high}
        step=${step}
        .value=${live(String(value))}
        aria-valuetext=${`${value} ${unit}`}
        @input=${(event) => this.#set(range, event.target.value)}
        @focus=${() => address.set({ along: range.name === "rotation" ? null : range.name })}
      />
    </div>`;
  }

  #result(told) {
    return html`
      <div class="top">
        <digit-image .pixels=${told.pixels} .name=${"What the network gets"}></digit-image>
        <div>
          <p class="said" ?data-refused=${!told.accepted}>${told.accepted ? html`Read as <strong>${told.label}</strong>` : html`Not accepted: ${told.reason}`}</p>
          <p class="about">${told.said} sure of ${told.label}. As it was drawn: ${told.before.label}, ${told.before.said}.</p>
        </div>
      </div>
      <ol class="bars small" aria-label="Probability of each class">
        ${told.classes.map(
          (each) => html`<li ?data-best=${each.name === told.label} ${vars({ share: each.probability })}>
            <b>${each.name}</b><i></i><span>${each.said}</span>
          </li>`,
        )}
      </ol>`;
  }

  #curve({ curve, before }) {
    const [title, unit] = KNOWN[curve.along] ?? [curve.along, ""];
    return html`<section class="card" aria-labelledby="curve">
      <h2 id="curve">How sure it stays: ${title.toLowerCase()}</h2>
      <p class="about">
        The other sliders stay as they are; the upright line is where this one stands. Changes are made to what the network
        sees, after the drawing was brought to MNIST's form. At ${curve.kept} of
        ${curve.amounts.length} places of the range ${before.label} is the likeliest.
      </p>
      <line-chart
        .data=${{
          label: `${title}: probability of ${before.label} over ${curve.amounts[0]} to ${curve.amounts.at(-1)} ${unit}`,
          x: { label: `${title}, ${unit}`, values: curve.amounts },
          yLabel: "probability",
          at: curve.at,
          series: [
            { label: `it is ${before.label}`, values: curve.same, colour: "accent", width: 3 },
            { label: "the likeliest other digit", values: curve.other, colour: "warn", dash: [7, 5] },
          ],
        }}
      ></line-chart>
    </section>`;
  }
}

customElements.define("stress-view", StressView);
export default "stress-view";
