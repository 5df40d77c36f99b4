// The state of the page as its address: #/draw?model=run:fast&width=20. What is in it can be bookmarked, sent, and gone
// back to. The server never sees what stands behind the #.

class Address extends EventTarget {
  #view = "";
  #values = new URLSearchParams();

  constructor() {
    super();
    this.#read();
    addEventListener("popstate", () => {
      this.#changed();
      this.dispatchEvent(new Event("moved")); // by "back", or by hand; not by the page itself
    });
  }

  get view() {
    return this.#view;
  }

  /** A value by its name, or `otherwise` where the address has none. */
  get(name, otherwise = null) {
    return this.#values.get(name) ?? otherwise;
  }

  /** Put values into the address; null takes one out. A step is one that "back" undoes. */
  set(values, { step = false } = {}) {
    for (const [name, value] of Object.entries(values)) {
      if (value === null || value === "") this.#values.delete(name);
      else this.#values.set(name, value);
    }
    this.#write(step);
    this.dispatchEvent(new Event("change"));
  }

  /** The address of a view: with what all views share, the model and the drawing. */
  of(view) {
    const kept = [...this.#values].filter(([name]) => SHARED.has(name));
    return written(view, new URLSearchParams(kept));
  }

  /** Go to a view, which "back" undoes. */
  open(view) {
    history.pushState(null, "", this.of(view));
    this.#changed();
  }

  /** Make sure that a view is named, without a step. */
  settle(view) {
    this.#view = view;
    this.#write(false);
  }

  #read() {
    const [path, values] = location.hash.replace(/^#\/?/, "").split("?");
    this.#view = path;
    this.#values = new URLSearchParams(values);
  }

  #write(step) {
    const next = written(this.#view, this.#values);
    if (next === location.hash) return;
    if (step) history.pushState(null, "", next);
    else history.replaceState(null, "", next);
  }

  #changed() {
    this.#read();
    this.dispatchEvent(new Event("change"));
  }
}

const SHARED = new Set(["model", "ink", "digit"]);

function written(view, values) {
  const text = values.toString().replaceAll("%3A", ":").replaceAll("%2F", "/").replaceAll("%40", "@");
  return `#/${view}${text ? `?${text}` : ""}`;
}

export const address = new Address();
