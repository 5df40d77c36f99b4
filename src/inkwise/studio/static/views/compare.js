// The view Compare: the model that is chosen above and another one, on the drawing and on the same images of a dataset.

import { address } from "../core/address.js";
import { announce } from "../core/announce.js";
import { ask } from "../core/api.js";
import { drawing } from "../core/drawing.js";
import { Element } from "../core/element.js";
import { html, nothing } from "../core/html.js";
import { Latest } from "../core/latest.js";
import { models } from "../core/models.js";
import { count } from "../core/numbers.js";
import { splits } from "../core/splits.js";
import { tasks } from "../core/tasks.js";
import "../parts/answer-card.js";
import "../parts/digit-image.js";
import "../parts/drawing-pad.js";
import "../parts/split-chooser.js";

class CompareView extends Element {
  #told = null;
  #of = ""; // what it is told of
  #fault = "";
  #drawn = ["", ""]; // the models that were asked about the drawing

  #pairs = new Latest(
    (query) => tasks.during("Both models answer the images", ask("/api/compare/dataset", { query })),
    (told) => {
      this.#told = told;
      this.#fault = "";
      announce(told.verdict);
      this.update();
    },
    (error) => this.#failed(error),
  );
  #answers = [0, 1].map(
    (which) =>
      new Latest(
        (model) => tasks.during("Waiting for the networks", ask("/api/draw/answer", { query: { model }, body: drawing.body() })),
        (answer, model) => this.#card(which)?.show(drawing.empty ? null : answer, entry(model)),
        (error) => this.#failed(error),
      ),
  );

  opened() {
    this.listen(drawing, "change", () => this.#draw(true));
    for (const source of [models, splits, address]) this.listen(source, "change", () => this.#look());
    splits.begin();
    this.updateNow();
    this.#look();
    this.#draw(true);
  }

  /** The other model: the one that the address names, or the first that has learned something and is not the chosen one. */
  get #other() {
    const given = address.get("other");
    if (given !== null) return given;
    const found = models.list.find(({ id, kind }) => id !== models.id && kind !== "recipe");
    return (found ?? models.list.find(({ id }) => id !== models.id))?.id ?? "";
  }

  #look() {
    if (!models.list.length) return;
    this.#draw(false);
    if (!splits.dataset) return;
    const query = { model: models.id, other: this.#other, dataset: splits.dataset, split: splits.split };
    const of = JSON.stringify(query);
    if (of !== this.#of) {
      this.#of = of;
      this.#told = null;
      this.#pairs.run(query);
    }
    this.update();
  }

  #draw(changed) {
    if (!models.list.length) return;
    [models.id, this.#other].forEach((model, which) => {
      if (!changed && this.#drawn[which] === model) return;
      this.#drawn[which] = model;
      if (drawing.empty) this.#card(which)?.show(null, entry(model));
      else this.#answers[which].run(model);
    });
  }

  #card(which) {
    return this.querySelectorAll("answer-card")[which];
  }

  #failed(error) {
    this.#fault = error.kind === "Lost" ? "" : error.message;
    this.update();
  }

  template() {
    return html`
      <div class="bar card">
        <label>Compared with
          <select @change=${(event) => address.set({ other: event.target.value }, { step: true })}>
            ${models.list.map((each) => html`<option value=${each.id} ?disabled=${each.id === models.id} .selected=${each.id === this.#other}>${each.name}${each.kind === "recipe" ? " (not trained)" : ""}</option>`)}
          </select></label>
        <split-chooser></split-chooser>
      </div>
      ${this.#fault ? html`<p class="fault" role="alert">${this.#fault}</p>` : nothing}
      <div class="desk">
        <section class="card" aria-label="Paper"><drawing-pad></drawing-pad></section>
        ${[models.id, this.#other].map(
          (model, which) => html`<section class="card" aria-labelledby=${`model-${which}`}>
            <h2 id=${`model-${which}`}><span class="letter">${"AB"[which]}</span> ${entry(model)?.name ?? model}</h2>
            <answer-card></answer-card>
          </section>`,
        )}
      </div>
      ${this.#told ? this.#result(this.#told) : this.#fault ? nothing : html`<p class="empty" role="status">Both models answer the images …</p>`}
    `;
  }

  #result(told) {
    const [a, b] = told.names;
    return html`
      <section class="card" aria-labelledby="verdict">
        <h2 id="verdict">On ${count(told.n)} images of ${told.dataset}, ${told.split} split</h2>
        <div class="tallied">
          <table>
            <thead><tr><td></td><th scope="col">B right</th><th scope="col">B wrong</th><td></td></tr></thead>
            <tbody>
              <tr><th scope="row">A right</th><td>${count(told.both_right)}</td><td class="a">${count(told.only_b_wrong)}</td><td class="sum">${a}: ${told.accuracies[0]}</td></tr>
              <tr><th scope="row">A wrong</th><td class="b">${count(told.only_a_wrong)}</td><td>${count(told.both_wrong)}</td><td class="sum">${b}: ${told.accuracies[1]}</td></tr>
            </tbody>
          </table>
          <p>${told.verdict}</p>
        </div>
      </section>
      ${this.#images(told, "fixed_by_b", told.only_a_wrong, `${b} is right and ${a} wrong`)}
      ${this.#images(told, "fixed_by_a", told.only_b_wrong, `${a} is right and ${b} wrong`)}
    `;
  }

  #images(told, kind, all, title) {
    const images = told[kind];
    return html`<section class="card" aria-labelledby=${kind}>
      <h2 id=${kind}>${count(all)} where ${title}</h2>
      ${all > images.length ? html`<p class="about">The first ${images.length} are shown.</p>` : nothing}
      <ol class="gallery">
        ${images.map(
          (each) => html`<li>
            <a href=${this.#link(told, each.index)} aria-label=${`Image ${each.index}, a ${each.truth}: A says ${each.answers[0].label}, B says ${each.answers[1].label}. Look at it closely`}>
              <digit-image .pixels=${each.pixels}></digit-image>
              ${each.answers.map(
                (answer, which) => html`<span ?data-wrong=${answer.label !== each.truth}><i>${"AB"[which]}</i> <b>${answer.label}</b> ${answer.said}</span>`,
              )}
            </a>
          </li>`,
        )}
      </ol>
    </section>`;
  }

  #link(told, index) {
    const words = new URLSearchParams({ model: models.id, data: told.dataset, split: told.split, image: index });
    return `#/errors?${words}`;
  }
}

function entry(id) {
  return models.list.find((each) => each.id === id) ?? null;
}

customElements.define("compare-view", CompareView);
export default "compare-view";
