// The view Errors: how a model does on a split, the cell of the confusion matrix that is looked at, its images in order,
// and one of them closely.

import { address } from "../core/address.js";
import { announce } from "../core/announce.js";
import { ask } from "../core/api.js";
import { Element } from "../core/element.js";
import { html, nothing } from "../core/html.js";
import { Latest } from "../core/latest.js";
import { models } from "../core/models.js";
import { count } from "../core/numbers.js";
import { splits } from "../core/splits.js";
import { tasks } from "../core/tasks.js";
import "../parts/confusion-table.js";
import "../parts/digit-image.js";
import "../parts/image-study.js";
import "../parts/line-chart.js";
import "../parts/split-chooser.js";

const AT_A_TIME = 60;
const ORDERS = { loss: "Costliest first", confidence: "Surest first", margin: "Closest first" };

class ErrorsView extends Element {
  #told = null;
  #of = ""; // what it is told of
  #gallery = { of: 0, images: [] };
  #shown = ""; // which images the gallery has
  #count = AT_A_TIME;
  #fault = "";

  #overviews = new Latest(
    (query) => tasks.during(`Answering the ${query.split} split of ${query.dataset}`, ask("/api/errors/overview", { query })),
    (told) => {
      this.#told = told;
      this.#fault = "";
      announce(told.headline);
      this.update();
      this.#fill();
    },
    (error) => this.#failed(error),
  );
  #galleries = new Latest(
    (query) => tasks.during("Sorting the images", ask("/api/errors/gallery", { query })),
    (gallery) => {
      this.#gallery = gallery;
      this.update();
    },
    (error) => this.#failed(error),
  );

  opened() {
    this.listen(models, "change", () => this.#look());
    this.listen(splits, "change", () => this.#look());
    this.listen(address, "change", () => this.#look());
    this.listen(this, "cell", ({ detail }) => address.set({ cell: detail?.join(",") ?? null, image: null }));
    splits.begin();
    this.#look();
  }

  get #query() {
    return { model: models.id, dataset: splits.dataset, split: splits.split };
  }

  get #cell() {
    const words = (address.get("cell") ?? "").split(",").map(Number);
    const classes = this.#told?.classes.length ?? 0;
    return words.length === 2 && words.every((each) => each >= 0 && each < classes) ? words : null;
  }

  #look() {
    if (!models.list.length || !splits.dataset) return;
    const of = JSON.stringify(this.#query);
    if (of !== this.#of) {
      this.#of = of;
      this.#told = null;
      this.#shown = "";
      this.#gallery = { of: 0, images: [] };
      this.#overviews.run(this.#query);
    } else if (this.#told) this.#fill();
    this.update();
  }

  #fill() {
    const cell = this.#cell;
    const query = {
      ...this.#query,
      by: address.get("by", "loss"),
      label: cell?.[0],
      answered: cell?.[1],
      right: cell !== null || address.get("every") === "yes" ? "true" : null,
    };
    const shown = JSON.stringify(query);
    if (shown !== this.#shown) this.#count = AT_A_TIME;
    const wanted = shown + this.#count;
    if (wanted === this.#shown + this.#gallery.count) return;
    this.#shown = shown;
    this.#gallery.count = this.#count;
    this.#galleries.run({ ...query, count: this.#count });
  }

  #failed(error) {
    this.#fault = error.kind === "Lost" ? "" : error.message;
    this.update();
  }

  // What is seen

  template() {
    return html`
      <div class="bar card"><split-chooser></split-chooser></div>
      ${this.#fault ? html`<p class="fault" role="alert">${this.#fault}</p>` : nothing}
      ${this.#told ? this.#desk(this.#told) : this.#fault ? nothing : html`<p class="empty" role="status">The images are being answered …</p>`}
    `;
  }

  #desk(told) {
    const image = address.get("image");
    return html`
      <p class="headline">${told.headline}</p>
      <div class="desk">
        <section class="card" aria-labelledby="confusion">
          <h2 id="confusion">Which class is taken for which</h2>
          <p class="about">Errors are coloured by their number. A cell shows its images below.</p>
          <confusion-table .told=${{ classes: told.classes, confusion: told.confusion, chosen: this.#cell }}></confusion-table>
        </section>
        <section class="card" aria-labelledby="reliability">
          <h2 id="reliability">Is it as sure as it should be?</h2>
          <p class="about">
            Of the answers with a confidence, the share that is right. On the dashed line it is as sure as it should be;
            the expected calibration error is ${told.said_ece}.
          </p>
          <line-chart .data=${reliability(told)}></line-chart>
        </section>
        <section class="card study" aria-label="One image closely">
          <image-study .query=${{ ...this.#query, index: Number(image ?? this.#gallery.images[0]?.index ?? 0) }}></image-study>
        </section>
      </div>
      ${this.#images(told)}
    `;
  }

  #images(told) {
    const cell = this.#cell;
    const { of, images } = this.#gallery;
    const title = cell
      ? `${count(of)} of class ${told.classes[cell[0]]}, answered ${told.classes[cell[1]]}`
      : `${count(of)} ${address.get("every") === "yes" ? "images" : "errors"}`;
    return html`<section class="card" aria-labelledby="gallery">
      <div class="head">
        <h2 id="gallery">${title}</h2>
        <div class="controls" data-unsaved>
          <label>Order
            <select @change=${(event) => address.set({ by: event.target.value })}>
              ${Object.entries(ORDERS).map(([by, text]) => html`<option value=${by} .selected=${by === address.get("by", "loss")}>${text}</option>`)}
            </select></label>
          ${cell
            ? html`<button @click=${() => address.set({ cell: null, image: null })}>All errors</button>`
            : html`<label class="every"><input type="checkbox" .checked=${address.get("every") === "yes"}
                @change=${(event) => address.set({ every: event.target.checked ? "yes" : null })} /> Right ones too</label>`}
        </div>
      </div>
      <ol class="gallery">${images.map((each) => this.#tile(each, told.classes))}</ol>
      ${of > images.length
        ? html`<button data-unsaved ?disabled=${this.#count >= 120} @click=${() => ((this.#count = 120), this.#fill())}>
            ${this.#count < 120 ? "More" : `The first ${images.length} of ${count(of)} are shown; a cell has fewer`}
          </button>`
        : nothing}
    </section>`;
  }

  #tile(each, classes) {
    const here = String(each.index) === address.get("image");
    const words = `Image ${each.index}, a ${classes[each.label]}: ${classes[each.predicted]} ${each.said}, ${classes[each.other]} ${each.other_said}`;
    return html`<li>
      <button aria-label=${words} aria-pressed=${here ? "true" : "false"} ?data-wrong=${each.label !== each.predicted}
        @click=${() => this.#open(each.index)}>
        <digit-image .pixels=${each.pixels}></digit-image>
        <span class="first"><b>${classes[each.predicted]}</b> ${each.said}</span>
        <span><b>${classes[each.other]}</b> ${each.other_said}</span>
      </button>
    </li>`;
  }

  #open(index) {
    address.set({ image: String(index) });
    this.updateNow();
    const study = this.querySelector(".study");
    const { top } = study.getBoundingClientRect();
    if (top < 0 || top > innerHeight) study.scrollIntoView({ block: "start", behavior: "smooth" });
  }
}

function reliability({ calibration }) {
  const bins = calibration.filter((each) => each.count > 0);
  const rows = [...bins.map((each) => [each.confidence, each.accuracy]), [0, null], [1, null]].sort((one, other) => one[0] - other[0]);
  return {
    label: `Reliability: ${bins.map((each) => `${(100 * each.confidence).toFixed(0)} % sure, ${(100 * each.accuracy).toFixed(0)} % right`).join("; ")}`,
    x: { label: "confidence", values: rows.map(([x]) => x) },
    yLabel: "share right",
    series: [
      { label: "right", values: rows.map(([, y]) => y), colour: "accent", points: true },
      { label: "as it should be", values: rows.map(([x]) => x), colour: "muted", dash: [6, 5], width: 1 },
    ],
  };
}

customElements.define("errors-view", ErrorsView);
export default "errors-view";
