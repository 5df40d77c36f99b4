// A run's training over again: for each epoch whose model there is, its first kernels, what it makes of the drawing, and
// its confusion matrix. Tells "epoch".

import { announce } from "../core/announce.js";
import { ask, bytesOf } from "../core/api.js";
import { drawing } from "../core/drawing.js";
import { Element } from "../core/element.js";
import { html, nothing, vars } from "../core/html.js";
import { Latest } from "../core/latest.js";
import { percent } from "../core/periods.js";
import { sheet } from "../core/sheet.js";
import { tasks } from "../core/tasks.js";
import { trainings } from "../core/trainings.js";
import { confusionGrid } from "./confusion-grid.js";
import { icon } from "./icons.js";
import "./drawing-pad.js";
import "./layer-maps.js";

await sheet("../styles/epochs.css");

const EMPTY = new Uint8Array();
const PAUSE = 700; // milliseconds between two epochs when they are played

class EpochReplay extends Element {
  #run = "";
  #epoch = null; // as the address has it
  #epochs = []; // that there are, with their rows
  #all = true;
  #told = null;
  #confusion = null;
  #fault = "";
  #timer = 0;
  #listed = 0; // epochs that the run had when the list was asked for

  #lists = new Latest(
    (run) => ask("/api/train/epochs", { query: { run } }),
    ({ epochs, all }, run) => {
      if (run !== this.#run) return;
      [this.#epochs, this.#all] = [epochs, all];
      this.#look();
      this.update();
    },
    (error) => this.#failed(error),
  );
  #replays = new Latest(
    (query) => tasks.during("Looking at the epoch", ask("/api/train/replay", { query, body: drawing.empty ? EMPTY : drawing.body() })),
    (told) => {
      this.#told = told;
      this.#fault = "";
      this.updateNow();
    },
    (error) => this.#failed(error),
  );
  #confusions = new Latest(
    (query) => tasks.during("Counting mistakes", ask("/api/train/confusion", { query })),
    (told) => {
      this.#confusion = told;
      this.update();
    },
    (error) => this.#failed(error),
  );

  opened() {
    this.listen(drawing, "change", () => this.#run && this.#replay());
    this.listen(trainings, "change", () => this.#grown());
  }

  closed() {
    this.#stop();
  }

  /** Show a run at an epoch; null is its last. */
  show(run, epoch) {
    const other = run !== this.#run;
    const moved = epoch !== this.#epoch;
    [this.#run, this.#epoch] = [run, epoch];
    if (other) {
      [this.#told, this.#confusion, this.#epochs, this.#listed] = [null, null, [], 0];
      this.#stop();
      if (run) this.#lists.run(run);
    } else if (moved) this.#look();
    this.update();
  }

  /** Ask for the epochs again where the run has gone on. */
  #grown() {
    const about = this.#run && trainings.about(this.#run);
    if (!about?.per_epoch) return;
    const done = Math.floor(about.step / about.per_epoch);
    if (done !== this.#listed) {
      this.#listed = done;
      this.#lists.run(this.#run);
    }
  }

  get #index() {
    const found = this.#epochs.findIndex(({ epoch }) => epoch === this.#epoch);
    return found < 0 ? this.#epochs.length - 1 : found;
  }

  #look() {
    if (!this.#epochs.length) return;
    this.#replay();
    this.#confusions.run({ run: this.#run, epoch: this.#epochs[this.#index].epoch });
  }

  #replay() {
    if (this.#epochs.length) this.#replays.run({ run: this.#run, epoch: this.#epochs[this.#index].epoch });
  }

  #failed(error) {
    this.#fault = error.kind === "Lost" ? "" : error.message;
    this.#stop();
    this.update();
  }

  #go(index) {
    const { epoch } = this.#epochs[index];
    announce(`Epoch ${epoch}`);
    this.dispatchEvent(new CustomEvent("epoch", { bubbles: true, detail: epoch }));
  }

  #stop() {
    clearInterval(this.#timer);
    this.#timer = 0;
    this.update();
  }

  #play() {
    if (this.#timer) return this.#stop();
    const last = this.#epochs.length - 1;
    this.#go(this.#index === last ? 0 : this.#index);
    this.#timer = setInterval(() => (this.#index >= last ? this.#stop() : this.#go(this.#index + 1)), PAUSE);
  }

  painted() {
    for (const layer of [...(this.#told?.maps ?? []), ...(this.#told?.kernels ? [{ ...this.#told.kernels, kind: "kernels" }] : [])]) {
      const part = this.querySelector(`layer-maps[data-layer="${CSS.escape(`${layer.kind ?? "maps"} ${layer.name}`)}"]`);
      part?.show({ ...layer, values: new Float32Array(bytesOf(layer.values).buffer) }, { widest: 290 });
    }
  }

  template() {
    if (!this.#run) return nothing;
    const here = this.#epochs[this.#index];
    return html`
      <div class="head">
        <h2>Epochs of ${this.#run}</h2>
        ${here ? this.#slider(here) : nothing}
      </div>
      ${this.#fault ? html`<p class="fault" role="alert">${icon("warn")}<span>${this.#fault}</span></p>` : nothing}
      ${this.#all || !this.#epochs.length
        ? nothing
        : html`<p class="note">This run keeps its best and its last epoch. Trainings that are started here keep every one, others with <code>--keep-epochs</code>.</p>`}
      <div class="replay">
        <section aria-label="Paper"><drawing-pad></drawing-pad>${this.#told ? this.#answer(this.#told) : nothing}</section>
        <section class="maps-of" aria-label="Kernels and maps">${this.#told ? this.#layers(this.#told) : nothing}</section>
        <section aria-label="Confusion matrix"><h3>Mistakes</h3>${this.#confusion ? confusionGrid(this.#confusion) : nothing}</section>
      </div>
    `;
  }

  #slider({ epoch, rows }) {
    const row = rows.find((each) => each.split !== "train") ?? rows[0];
    const said = epoch === 0 ? "before training" : row ? `${row.split} loss ${row.loss.toFixed(4)}, accuracy ${percent(row.accuracy)}` : "";
    return html`<button class="quiet" data-unsaved aria-label=${this.#timer ? "Pause" : "Play the epochs"} title=${this.#timer ? "Pause" : "Play the epochs"} @click=${() => this.#play()}>
        ${icon(this.#timer ? "M8 5v14 M16 5v14" : "M7 4.5l12 7.5l-12 7.5z")}
      </button>
      <input type="range" min="0" max=${this.#epochs.length - 1} aria-label="Epoch" aria-valuetext=${`epoch ${epoch}, ${said}`} .value=${String(this.#index)} @input=${(event) => (this.#stop(), this.#go(event.target.valueAsNumber))} />
      <output><strong>epoch ${epoch}</strong> ${said}</output>`;
  }

  #answer({ label, classes }) {
    return html`<p class="said">${drawing.empty ? "Draw a digit and move the slider." : html`Most likely <strong>${label}</strong>`}</p>
      <ol class="bars small" aria-label="Probability of each class">
        ${classes.map(
          (each) => html`<li ?data-best=${!drawing.empty && each.name === label} ${vars({ share: drawing.empty ? 0 : each.probability })}>
            <b>${each.name}</b><i></i><span>${drawing.empty ? "" : each.said}</span>
          </li>`,
        )}
      </ol>`;
  }

  #layers({ kernels, maps }) {
    const part = (kind, layer, title) => html`<div class="map"><h3>${title}<small>${layer.shape.join(" × ")}</small></h3><layer-maps data-layer=${`${kind} ${layer.name}`}></layer-maps></div>`;
    return html`${kernels ? part("kernels", kernels, `Kernels of ${kernels.name}`) : nothing}
    ${maps.map((layer) => part("maps", layer, layer.name))}`;
  }
}

customElements.define("epoch-replay", EpochReplay);
