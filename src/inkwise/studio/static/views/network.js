// The view Network: the paper, every layer of the model with its maps as one draws, and beside them how the value that
// is pointed at comes about. Its receptive field is framed in every layer before it.

import { address } from "../core/address.js";
import { announce } from "../core/announce.js";
import { ask } from "../core/api.js";
import { drawing } from "../core/drawing.js";
import { Element } from "../core/element.js";
import { html, nothing, repeat, vars } from "../core/html.js";
import { Latest } from "../core/latest.js";
import { askMaps } from "../core/maps.js";
import { models } from "../core/models.js";
import { count, number } from "../core/numbers.js";
import { tasks } from "../core/tasks.js";
import { icon } from "../parts/icons.js";
import "../parts/drawing-pad.js";
import "../parts/layer-dialog.js";
import "../parts/layer-maps.js";
import "../parts/value-arithmetic.js";

const EMPTY = new Uint8Array();

class NetworkView extends Element {
  #graph = null;
  #of = null; // the model and member that the graph is of
  #maps = null;
  #fault = "";
  #spot = null; // {layer, at} that is shown
  #held = false;
  #field = {};
  #fold = false;

  #graphs = new Latest(
    (query) => tasks.during("Building the network", ask("/api/network/graph", { query })),
    (graph, query) => {
      this.#graph = graph;
      this.#of = JSON.stringify(query);
      this.#maps = null;
      this.#bring();
      this.update();
      this.#drawn();
    },
    (error) => this.#failed(error),
  );
  #drawings = new Latest(
    (query) => tasks.during("Waiting for the network", this.#askMaps(query)),
    ([told, since], query) => JSON.stringify(query) === this.#of && this.#mapped(told, since),
    (error) => this.#failed(error),
  );
  #values = new Latest(
    (query) => tasks.during("Working the value out", ask("/api/network/value", { query, body: this.#body() })),
    (told, query) => this.#told(told, query),
    (error) => this.#failed(error),
  );

  opened() {
    this.listen(drawing, "change", () => this.#drawn());
    this.listen(models, "change", () => this.#chosen());
    this.listen(address, "change", () => this.#chosen());
    this.listen(document, "keydown", (event) => event.key === "Escape" && this.#held && this.#release());
    this.listen(this, "looked", ({ detail }) => !this.#held && this.#look(detail));
    this.listen(this, "left", () => !this.#held && this.#look(null));
    this.listen(this, "chosen", ({ detail }) => this.#hold(detail));
    this.updateNow();
    this.#chosen();
  }

  get #query() {
    return { model: models.id, member: address.get("member", "0") };
  }

  #body() {
    return drawing.empty ? EMPTY : drawing.body();
  }

  #chosen() {
    if (!models.list.length) return;
    if (this.#of === JSON.stringify(this.#query)) this.#drawn();
    else this.#graphs.run(this.#query);
  }

  #drawn() {
    if (this.#graph === null) return;
    this.#drawings.run(this.#query);
    if (this.#spot !== null) this.#ask();
  }

  async #askMaps(query) {
    const since = performance.now();
    return [await askMaps(query, this.#body()), since];
  }

  #mapped(told, since) {
    this.#maps = told;
    this.#fault = "";
    this.updateNow();
    const dialog = this.querySelector("layer-dialog");
    for (const layer of told.layers) {
      this.querySelector(`layer-maps[data-layer="${CSS.escape(layer.name)}"]`)?.show(layer);
      if (dialog.name === layer.name) dialog.follow(layer);
    }
    requestAnimationFrame(() => performance.measure("maps", { start: since }));
  }

  // One value

  /** Take the value that the address holds, where the network has it. */
  #bring() {
    const [layer, at] = [address.get("layer"), address.get("at")];
    const about = this.#graph.layers.find((each) => each.name === layer);
    const place = (at ?? "").split(",").map(Number);
    const fits = about && place.length === about.shape.length && place.every((each, axis) => each < about.shape[axis]);
    this.#spot = fits ? { layer, at: place } : null;
    this.#held = Boolean(fits);
    if (!fits) this.#clear();
  }

  #look(spot) {
    this.#spot = spot?.layer === "image" ? null : spot;
    if (this.#spot === null) this.#clear();
    else this.#ask();
  }

  #hold(spot) {
    if (spot.layer === "image") return;
    this.#held = true;
    this.#look(spot);
    address.set({ layer: spot.layer, at: spot.at.join(",") });
  }

  #release() {
    this.#held = false;
    this.#look(null);
    address.set({ layer: null, at: null });
  }

  #ask() {
    const { layer, at } = this.#spot;
    this.#values.run({ ...this.#query, layer, at: at.join(","), folded: this.#fold ? "true" : null });
  }

  #told(told, query) {
    if (this.#spot === null || query.layer !== this.#spot.layer) return;
    this.#field = told.field;
    this.querySelector("value-arithmetic").show(told, this.#held);
    for (const part of this.querySelectorAll("layer-maps[data-layer]")) {
      const { layer } = part.dataset;
      part.mark(told.field[layer] ?? null, layer === told.layer ? told.at : null);
    }
    announce(`${told.layer} at ${told.at.join(", ")}: ${number(told.value)}`);
  }

  #clear() {
    this.#field = {};
    this.querySelector("value-arithmetic")?.show(null, false);
    for (const part of this.querySelectorAll("layer-maps[data-layer]")) part.mark(null);
  }

  #failed(error) {
    this.#fault = error.kind === "Lost" ? "" : error.message;
    this.update();
  }

  // What is seen

  #enlarge(about) {
    const layer = this.#maps.layers.find((each) => each.name === about.name);
    this.querySelector("layer-dialog").show(about, layer, this.#query);
  }

  template() {
    const graph = this.#graph;
    return html`
      <div class="desk">
        <section class="card paper-side" aria-label="Paper">
          <drawing-pad></drawing-pad>
          ${this.#answer()}
        </section>
        <section class="layers" aria-label="Layers">
          ${this.#fault ? html`<p class="fault" role="alert">${this.#fault}</p>` : nothing}
          ${graph ? this.#head(graph) : nothing}
          <ol class="flow">
            ${graph ? this.#image(graph) : nothing}
            ${repeat(graph?.layers ?? [], (each) => each.name, (each, index) => this.#layer(each, index))}
          </ol>
        </section>
        <section class="card arithmetic" aria-label="How the value comes about" tabindex="0">
          <value-arithmetic></value-arithmetic>
        </section>
      </div>
      <layer-dialog data-unsaved></layer-dialog>
    `;
  }

  #head({ layers, parameters, multiply_adds: work, members }) {
    return html`<div class="head">
      <p>${layers.length} layers, ${count(parameters)} parameters, ${count(work)} multiply-adds for an image</p>
      ${members > 1
        ? html`<label>Network
            <select .value=${address.get("member", "0")} @change=${(event) => address.set({ member: event.target.value, layer: null, at: null }, { step: true })}>
              ${[...Array(members).keys()].map((each) => html`<option value=${each}>${each} of ${members}</option>`)}
            </select></label>`
        : nothing}
      ${layers.some(({ line }) => line.startsWith("batchnorm"))
        ? html`<label class="fold"
            ><input type="checkbox" .checked=${this.#fold} @change=${(event) => this.#folding(event.target.checked)} />
            Batch norms folded into weights</label
          >`
        : nothing}
    </div>`;
  }

  #folding(fold) {
    this.#fold = fold;
    if (this.#spot !== null) this.#ask();
  }

  #image({ input }) {
    return html`<li class="card layer">
      <h3>image<small>${input.join(" × ")}</small></h3>
      <layer-maps data-layer="image"></layer-maps>
    </li>`;
  }

  #layer(about, index) {
    const last = index === 0 ? "image" : this.#graph.layers[index - 1].name;
    const from = about.before === last ? nothing : html`<small class="from">from ${about.before ?? "a sum between layers"}</small>`;
    if (about.same) {
      return html`<li class="passing" title=${about.line}><span>${about.name}</span><small>passes on ${about.shape.join(" × ")}</small></li>`;
    }
    return html`<li class="card layer">
      <h3>
        <button class="open" title="Enlarge ${about.name}" @click=${() => this.#enlarge(about)}>${about.name}${icon("M9 4H4v5 M15 4h5v5 M4 15v5h5 M20 15v5h-5")}</button>
        <small>${about.line}</small><small>${about.shape.join(" × ")}${about.parameters ? `, ${count(about.parameters)} parameters` : ""}</small>${from}
      </h3>
      <layer-maps data-layer=${about.name}></layer-maps>
      ${index === this.#graph.layers.length - 1 ? this.#names(about) : nothing}
    </li>`;
  }

  /** What the values of the last layer stand for. */
  #names({ shape }) {
    const { classes } = this.#graph;
    return shape.length === 1 && shape[0] === classes.length
      ? html`<p class="names">${classes.map((name) => html`<span title=${name}>${name.length > 2 ? "·" : name}</span>`)}</p>`
      : nothing;
  }

  #answer() {
    const answer = this.#maps?.answer;
    if (!answer) return nothing;
    const said = drawing.empty
      ? "Draw a digit: every layer shows what it makes of it."
      : answer.accepted
        ? html`Read as <strong>${answer.label}</strong>, ${answer.said} sure`
        : html`Not accepted: ${answer.reason}`;
    return html`<p class="said" ?data-refused=${!answer.accepted && !drawing.empty}>${said}</p>
      <ol class="bars small" aria-label="Probability of each class">
        ${answer.classes.map(
          (each) => html`<li ?data-best=${!drawing.empty && each.name === answer.label} ${vars({ share: drawing.empty ? 0 : each.probability })}>
            <b>${each.name}</b><i></i><span>${drawing.empty ? "" : each.said}</span>
          </li>`,
        )}
      </ol>`;
  }
}

customElements.define("network-view", NetworkView);
export default "network-view";
