// Which model: those shipped, the runs in the runs folder, and every recipe as it is before training.

import { address } from "../core/address.js";
import { Element } from "../core/element.js";
import { html, live, nothing } from "../core/html.js";
import { models } from "../core/models.js";

const GROUPS = { shipped: "Shipped", run: "Runs", recipe: "Recipes, not trained" };

class ModelChooser extends Element {
  opened() {
    this.listen(models, "change", () => this.update());
    this.listen(address, "change", () => this.update());
  }

  template() {
    const unknown = models.list.length && models.entry === null;
    return html`<label>
      <span>Model</span>
      <select
        .value=${live(models.id)}
        @focus=${() => models.refresh().catch(() => null)}
        @change=${(event) => models.choose(event.target.value)}
      >
        ${unknown ? html`<option value=${models.id}>${models.id} (not here)</option>` : nothing}
        ${Object.entries(GROUPS).map(([kind, title]) => this.#group(kind, title))}
      </select>
    </label>`;
  }

  #group(kind, title) {
    const entries = models.list.filter((each) => each.kind === kind);
    if (!entries.length) return nothing;
    return html`<optgroup label=${title}>
      ${entries.map(
        (each) =>
          html`<option value=${each.id} .selected=${each.id === models.id}>
            ${each.name}${each.note && kind !== "recipe" ? `, ${each.note}` : ""}
          </option>`,
      )}
    </optgroup>`;
  }
}

customElements.define("model-chooser", ModelChooser);
