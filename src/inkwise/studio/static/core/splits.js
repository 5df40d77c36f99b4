// The datasets with a name, and which of them and which split the address names; shared by the views that ask about one.

import { address } from "./address.js";
import { ask } from "./api.js";

class Splits extends EventTarget {
  list = [];
  #asked = false;

  /** Ask what is on this machine, once. */
  begin() {
    if (this.#asked) return;
    this.#asked = true;
    ask("/api/errors/datasets").then(
      ({ datasets }) => {
        this.list = datasets;
        this.dispatchEvent(new Event("change"));
      },
      () => {
        this.#asked = false;
      },
    );
  }

  get dataset() {
    const first = this.list.find(({ here }) => here)?.name ?? "";
    return address.get("data", first);
  }

  get split() {
    return address.get("split", "test");
  }

  choose(dataset, split) {
    address.set({ data: dataset, split: split === "test" ? null : split, cell: null, image: null }, { step: true });
  }
}

export const splits = new Splits();
