// One layer enlarged: its maps with room, and its kernels, each output channel a row of what it multiplies every input
// channel with.

import { ask, bytesOf } from "../core/api.js";
import { Element } from "../core/element.js";
import { html, nothing } from "../core/html.js";
import { count } from "../core/numbers.js";
import { tasks } from "../core/tasks.js";
import { icon } from "./icons.js";
import "./layer-maps.js";

const MOST = 24; // output channels whose kernels are shown
const WAYS = { maps: "Maps", kernels: "Kernels" };

class LayerDialog extends Element {
  #about = null; // of the graph
  #way = "maps";
  #kernels = null;
  #fault = "";
  #query = {};

  /** Open for a layer of the graph; `query` names the model. */
  show(about, layer, query) {
    this.#about = about;
    this.#kernels = null;
    this.#way = "maps";
    this.#query = query;
    this.updateNow();
    this.follow(layer);
    this.querySelector("dialog").showModal();
  }

  /** Show the layer's values of another drawing. */
  follow(layer) {
    const room = { widest: Math.min(1180, innerWidth - 90), scale: 2.4 };
    if (layer) this.querySelector("layer-maps[data-maps]")?.show(layer, room);
  }

  get name() {
    return this.querySelector("dialog")?.open ? this.#about.name : null;
  }

  async #turn(way) {
    this.#way = way;
    this.update();
    if (way !== "kernels" || this.#kernels !== null) return;
    try {
      const query = { ...this.#query, layer: this.#about.name };
      const told = await tasks.during("Fetching the kernels", ask("/api/network/kernels", { query }));
      this.#kernels = { ...told, values: new Float32Array(bytesOf(told.weights).buffer) };
      this.updateNow();
      this.#paint();
    } catch (error) {
      this.#fault = error.message;
      this.update();
    }
  }

  #paint() {
    const { shape, values, low, high } = this.#kernels;
    const space = shape.slice(2).length ? shape.slice(2) : [1];
    const size = values.length / shape[0];
    this.querySelectorAll("layer-maps[data-kernel]").forEach((part, channel) => {
      const of = values.subarray(channel * size, (channel + 1) * size);
      const flat = space.length === 1 ? [shape[1], 1, space[0]] : [shape[1], ...space];
      part.show({ name: `kernel ${channel}`, shape: flat, values: of, low: Math.min(low, 0), high }, { widest: 420, scale: 0.9 });
    });
  }

  template() {
    if (this.#about === null) return html`<dialog></dialog>`;
    const { name, line, shape, kernels } = this.#about;
    return html`<dialog aria-label=${`Layer ${name}`} @click=${(event) => event.target.matches("dialog") && event.target.close()}>
      <div class="inside">
        <header>
          <h2>${name}<small>${line}, ${shape.join(" × ")}</small></h2>
          ${kernels
            ? html`<div class="ways" role="group" aria-label="What to show">
                ${Object.entries(WAYS).map(
                  ([way, title]) =>
                    html`<button aria-pressed=${way === this.#way} @click=${() => this.#turn(way)}>${title}</button>`,
                )}
              </div>`
            : nothing}
          <button class="quiet" aria-label="Close" title="Close: Escape" @click=${() => this.querySelector("dialog").close()}>
            ${icon("M6 6l12 12 M18 6L6 18")}
          </button>
        </header>
        ${this.#fault ? html`<p class="fault" role="alert">${this.#fault}</p>` : nothing}
        <div ?hidden=${this.#way !== "maps"}><layer-maps data-maps></layer-maps></div>
        <div ?hidden=${this.#way !== "kernels"}>${this.#kernels ? this.#sheet() : nothing}</div>
      </div>
    </dialog>`;
  }

  #sheet() {
    const { shape, bias } = this.#kernels;
    const shown = Math.min(MOST, shape[0]);
    const size = shape.slice(1).reduce((product, side) => product * side, 1);
    return html`
      <p class="of">
        ${count(shape[0])} kernels of ${count(size)} weights each${shown < shape[0] ? `, of which the first ${shown} are shown` : ""}; all
        on one scale.
      </p>
      <ol class="kernels">
        ${[...Array(shown).keys()].map(
          (channel) => html`<li>
            <h3>${channel}${bias ? html`<small>bias ${bias[channel].toFixed(4).replace("-", "\u2212")}</small>` : nothing}</h3>
            <layer-maps data-kernel></layer-maps>
          </li>`,
        )}
      </ol>
    `;
  }
}

customElements.define("layer-dialog", LayerDialog);
