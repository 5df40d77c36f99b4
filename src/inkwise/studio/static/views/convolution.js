// The view Convolution: a lab for signals, and one for images. What is slid over what is in the address.

import { address } from "../core/address.js";
import { ask } from "../core/api.js";
import { connection } from "../core/connection.js";
import { Element } from "../core/element.js";
import { html, nothing } from "../core/html.js";
import { sheet } from "../core/sheet.js";
import { choiceRow } from "../parts/choice-row.js";
import "../parts/image-lab.js";
import "../parts/signal-lab.js";

await sheet("../styles/planes.css");

const LABS = [
  ["signals", "Signals", "One signal slides over another"],
  ["images", "Images", "A kernel slides over an image"],
];
const OWN = ["x", "h", "operation", "mode", "stride", "dilation", "padding", "padding_mode", "kernel", "source", "image", "place"];

class ConvolutionView extends Element {
  #choices = null;
  #fault = "";
  #left = {}; // what the address had of the lab that was left

  opened() {
    this.listen(address, "change", () => this.update());
    this.listen(connection, "change", () => connection.here && this.#choices === null && this.#fetch());
    this.#fetch();
  }

  async #fetch() {
    try {
      this.#choices = await ask("/api/convolution/choices");
      this.#fault = "";
    } catch (error) {
      this.#fault = error.kind === "Lost" ? "" : error.message;
    }
    this.update();
  }

  #turn(lab) {
    const here = Object.fromEntries(OWN.map((name) => [name, address.get(name)]));
    const back = this.#left;
    this.#left = here;
    address.set({ ...Object.fromEntries(OWN.map((name) => [name, back[name] ?? null])), lab: lab === "signals" ? null : lab }, { step: true });
  }

  template() {
    const lab = address.get("lab", "signals");
    const choices = this.#choices;
    return html`
      <div class="labs" data-unsaved>${choiceRow("Over what", LABS, lab, (value) => this.#turn(value))}</div>
      ${this.#fault ? html`<p class="fault" role="alert">${this.#fault}</p>` : nothing}
      ${choices === null
        ? nothing
        : lab === "images"
          ? html`<image-lab .choices=${choices}></image-lab>`
          : html`<signal-lab .choices=${choices}></signal-lab>`}
    `;
  }
}

customElements.define("convolution-view", ConvolutionView);
export default "convolution-view";
