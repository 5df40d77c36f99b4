// The models that can be chosen, and the one that is: the address has it, so that all views show the same.

import { address } from "./address.js";
import { ask } from "./api.js";
import { connection } from "./connection.js";

class Models extends EventTarget {
  list = [];
  #first = "";

  /** Take what the server told of its models. */
  take({ models, model }) {
    this.list = models;
    this.#first = model;
    this.dispatchEvent(new Event("change"));
  }

  /** Ask the server again; runs may have ended since. */
  async refresh() {
    this.take(await ask("/api/models"));
  }

  /** The id of the model that is chosen. */
  get id() {
    return address.get("model") ?? this.#first;
  }

  /** What the list says of it. */
  get entry() {
    return this.list.find((each) => each.id === this.id) ?? null;
  }

  choose(id) {
    address.set({ model: id === this.#first ? null : id }, { step: true });
  }
}

export const models = new Models();

connection.addEventListener("change", ({ detail }) => {
  if (connection.here && detail.restarted) models.refresh().catch(() => null);
});
