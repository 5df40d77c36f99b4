// One image of a split looked at closely: what the model says, which pixels that hangs on, and the training images that
// are most like it.

import { address } from "../core/address.js";
import { ask, bytesOf } from "../core/api.js";
import { Element } from "../core/element.js";
import { html, nothing, vars } from "../core/html.js";
import { Latest } from "../core/latest.js";
import { number } from "../core/numbers.js";
import { tasks } from "../core/tasks.js";
import "./digit-image.js";

const MAPS = {
  gradient: ["Gradient", "how much the answer hangs on each pixel"],
  occlusion: ["Occlusion", "by how much it drops where a square of 5 pixels covers the image; blue where it rises"],
  "grad-cam": ["Grad-CAM", "which places of the last maps speak for it"],
};

class ImageStudy extends Element {
  #query = null;
  #told = null;
  #maps = {};
  #near = [];
  #fault = "";

  #asks = new Latest(
    (query) => tasks.during("Looking at the image", this.#ask(query)),
    () => null,
    (error) => ((this.#fault = error.kind === "Lost" ? "" : error.message), this.update()),
  );

  /** {model, dataset, split, index} */
  set query(value) {
    if (JSON.stringify(value) === JSON.stringify(this.#query)) return;
    this.#query = value;
    this.#asks.run(value);
  }

  /** Each part is shown as it comes. */
  async #ask(query) {
    const still = (fill) => (answer) => {
      if (query !== this.#query) return;
      fill(answer);
      this.update();
    };
    const told = await ask("/api/errors/image", { query });
    if (query !== this.#query) return;
    this.#told = told;
    this.#maps = {};
    this.#near = [];
    this.#fault = "";
    this.update();
    for (const kind of Object.keys(MAPS)) {
      await ask("/api/errors/saliency", { query: { ...query, kind } }).then(
        still((answer) => (this.#maps[kind] = { ...answer, values: floats(answer.values) })),
        still((error) => (this.#maps[kind] = { fault: error.message })),
      );
    }
    await ask("/api/errors/nearest", { query }).then(still(({ images }) => (this.#near = images)));
  }

  template() {
    const told = this.#told;
    if (this.#fault) return html`<p class="fault" role="alert">${this.#fault}</p>`;
    if (told === null) return html`<p class="empty">Choose an image below to see why it is answered as it is.</p>`;
    const { dataset, split, index } = this.#query;
    const wrong = told.label !== told.truth;
    return html`
      <div class="top">
        <digit-image class="large" .pixels=${told.pixels} .name=${`Image ${index}`}></digit-image>
        <div>
          <p class="said" ?data-wrong=${wrong}>${wrong ? html`Is a <b>${told.truth}</b>, answered <b>${told.label}</b>` : html`A <b>${told.truth}</b>, answered so`}</p>
          <p class="about">
            ${told.said} sure${told.accepted ? "" : `; not accepted: ${told.reason}`}. Image ${index} of ${dataset}'s
            ${split} split.
          </p>
          ${split === "test"
            ? html`<p data-unsaved><a href=${link("network", dataset, index)}>Open in Network</a> <a href=${link("draw", dataset, index)}>Open in Draw</a></p>`
            : nothing}
        </div>
      </div>
      <ol class="bars small" aria-label="Probability of each class">
        ${told.classes.map(
          (each) => html`<li ?data-best=${each.name === told.label} ?data-true=${each.name === told.truth} ${vars({ share: each.probability })}>
            <b>${each.name}</b><i></i><span>${each.said}</span>
          </li>`,
        )}
      </ol>
      <h3>What the answer ${told.label} hangs on</h3>
      <div class="saliency">${Object.entries(MAPS).map(([kind, words]) => this.#map(kind, words))}</div>
      <h3>Training images most like it, pixel by pixel</h3>
      <ol class="near">
        ${this.#near.map(
          (each) => html`<li><digit-image .pixels=${each.pixels}></digit-image><b>${each.label}</b><small title="distance in full ink">${each.distance.toFixed(1)}</small></li>`,
        )}
      </ol>
    `;
  }

  #map(kind, [title, text]) {
    const map = this.#maps[kind];
    if (!map) return html`<figure><div class="waits"></div><figcaption>${title} …</figcaption></figure>`;
    if (map.fault) return html`<figure><figcaption><b>${title}</b>: ${map.fault}</figcaption></figure>`;
    const signed = map.low < 0;
    return html`<figure>
      <digit-image .map=${{ values: map.values, width: map.width, signed: signed || kind !== "gradient" }} .name=${title}></digit-image>
      <figcaption><b>${title}</b>: ${text}<small>${map.high > map.low ? `${number(map.low)} to ${number(map.high)}` : "nothing does"}</small></figcaption>
    </figure>`;
  }
}

function floats(text) {
  return new Float32Array(bytesOf(text).buffer);
}

function link(view, dataset, index) {
  const model = address.get("model");
  return `#/${view}?${model ? `model=${model}&` : ""}digit=${dataset}:${index}`;
}

customElements.define("image-study", ImageStudy);
