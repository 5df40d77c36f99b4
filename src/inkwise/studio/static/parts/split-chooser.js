// Which images are asked about: a dataset that is on this machine, and one of its splits.

import { address } from "../core/address.js";
import { Element } from "../core/element.js";
import { html } from "../core/html.js";
import { splits } from "../core/splits.js";

const SPLITS = ["test", "validation", "train"];

class SplitChooser extends Element {
  opened() {
    this.listen(splits, "change", () => this.update());
    this.listen(address, "change", () => this.update());
    splits.begin();
  }

  template() {
    const { dataset, split } = splits;
    return html`
      <label>Images of
        <select @change=${(event) => splits.choose(event.target.value, split)}>
          ${splits.list.map(
            (each) => html`<option value=${each.name} ?disabled=${!each.here} .selected=${each.name === dataset}>
              ${each.name}${each.here ? "" : " (not on this machine)"}
            </option>`,
          )}
        </select>
      </label>
      <label>Split
        <select @change=${(event) => splits.choose(dataset, event.target.value)}>
          ${SPLITS.map((each) => html`<option value=${each} .selected=${each === split}>${each}</option>`)}
        </select>
      </label>
    `;
  }
}

customElements.define("split-chooser", SplitChooser);
