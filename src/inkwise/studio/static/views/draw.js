// The view Draw: paper on the left, the answer as it comes about, what the network sees, and every stage on the way from
// the one to the other.

import { address } from "../core/address.js";
import { announce } from "../core/announce.js";
import { ask, bytesOf } from "../core/api.js";
import { drawing } from "../core/drawing.js";
import { Element } from "../core/element.js";
import { html, nothing, vars } from "../core/html.js";
import { Latest } from "../core/latest.js";
import { models } from "../core/models.js";
import { tasks } from "../core/tasks.js";
import "../parts/answer-card.js";
import "../parts/drawing-pad.js";
import "../parts/pixel-map.js";

const PAUSE = 150; // milliseconds between two looks at the stages, so that the answers keep up with the hand

class DrawView extends Element {
  #stages = [];
  #fault = "";
  #why = "";
  #asked = null; // the model that was asked
  #since = null; // when the oldest change was made that was not sent yet
  #pause = 0;

  #answers = new Latest(
    (model) => tasks.during("Waiting for the network", this.#ask(model)),
    ([answer, since]) => this.#answered(answer, since),
    (error) => this.#failed(error),
  );
  #pictures = new Latest(
    () => tasks.during("Following the stages", ask("/api/draw/stages", { body: drawing.body() })),
    ({ stages }) => {
      this.#stages = drawing.empty ? [] : stages;
      this.update();
    },
    () => null, // the answer tells what went wrong
  );

  opened() {
    this.listen(drawing, "change", () => this.#drawn());
    this.listen(models, "change", () => this.#chosen());
    this.listen(address, "change", () => this.#chosen());
    this.updateNow();
    this.#drawn();
  }

  closed() {
    clearTimeout(this.#pause);
    this.#pause = 0;
  }

  #chosen() {
    if (this.#asked !== models.id) this.#drawn();
  }

  /** Ask for an answer to what is drawn now, and for the stages a moment later. */
  #drawn() {
    if (!models.list.length) return;
    this.#asked = models.id;
    if (drawing.empty) return this.#answered(null, null);
    this.#since ??= drawing.touched ?? performance.now();
    this.#answers.run(models.id);
    this.#pause ||= setTimeout(() => {
      this.#pause = 0;
      if (!drawing.empty) this.#pictures.run();
    }, PAUSE);
  }

  async #ask(model) {
    const since = this.#since;
    this.#since = null;
    const body = drawing.body();
    return [await ask("/api/draw/answer", { query: { model }, body }), since];
  }

  #answered(answer, since) {
    const shown = drawing.empty ? null : answer; // it may have been cleared meanwhile
    this.#fault = "";
    this.#why = shown?.why ?? "";
    this.querySelector("answer-card").show(shown, models.entry);
    this.querySelector("pixel-map").show(shown ? bytesOf(shown.seen.pixels) : new Uint8Array(28 * 28), 28);
    if (shown === null) this.#stages = [];
    else announce(shown.accepted ? `Read as ${shown.label}, ${shown.said} sure` : `Not accepted: ${shown.reason}`);
    // How long the hand was ahead of the bars, for who wants to know: performance.getEntriesByName("answer").
    if (since !== null) requestAnimationFrame(() => performance.measure("answer", { start: since }));
    this.update();
  }

  #failed(error) {
    const lost = error.kind === "Lost";
    this.#fault = lost ? "" : error.message;
    if (lost && !drawing.empty) this.querySelector("answer-card").show(null, models.entry, true);
    this.update();
  }

  template() {
    return html`
      <div class="desk">
        <section class="card" aria-label="Paper"><drawing-pad></drawing-pad></section>
        <section class="card" aria-label="Answer">
          ${this.#fault ? html`<p class="fault" role="alert">${this.#fault}</p>` : nothing}
          <answer-card></answer-card>
        </section>
        <section class="card sees" aria-labelledby="sees">
          <h2 id="sees">What the network sees</h2>
          <pixel-map></pixel-map>
          ${this.#why ? html`<p class="why">${sentence(this.#why)}</p>` : nothing}
        </section>
      </div>
      ${this.#stages.length ? this.#strip() : nothing}
    `;
  }

  #strip() {
    return html`<section class="card" aria-labelledby="stages">
      <h2 id="stages">How the picture becomes that</h2>
      <ol class="stages" ${vars({ columns: columns(this.#stages.length), half: Math.ceil(this.#stages.length / 2) })}>
        ${this.#stages.map(
          (stage, index) => html`<li>
            <div class="frame">
              <img
                src=${`data:image/png;base64,${stage.png}`}
                alt=""
                width=${stage.width}
                height=${stage.height}
                ?data-small=${Math.max(stage.width, stage.height) < 64}
              />
            </div>
            <h3><small>${index + 1}</small>${sentence(stage.name)}</h3>
            <p>${sentence(stage.text)}</p>
          </li>`,
        )}
      </ol>
    </section>`;
  }
}

/** In how many columns so many stages stand on a desk: in one row, or in two of like length. */
function columns(count) {
  return count <= 10 ? count : Math.ceil(count / 2);
}

function sentence(words) {
  return words[0].toUpperCase() + words.slice(1);
}

customElements.define("draw-view", DrawView);
export default "draw-view";
