// Light or dark: the machine's choice until the reader makes another. `change` is told to who paints on canvases.

const KEY = "inkwise-theme";
const machine = matchMedia("(prefers-color-scheme: dark)");

class Theme extends EventTarget {
  constructor() {
    super();
    machine.addEventListener("change", () => this.#apply());
  }

  /** "light", "dark", or "auto" where the machine decides. */
  get choice() {
    return localStorage.getItem(KEY) ?? "auto";
  }

  set choice(value) {
    if (value === "auto") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, value);
    this.#apply();
  }

  get dark() {
    return document.documentElement.dataset.theme === "dark";
  }

  #apply() {
    const wanted = this.choice === "auto" ? (machine.matches ? "dark" : "light") : this.choice;
    document.documentElement.dataset.theme = wanted;
    this.dispatchEvent(new Event("change"));
  }
}

export const theme = new Theme();
