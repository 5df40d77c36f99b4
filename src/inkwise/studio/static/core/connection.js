// Whether the server is there. It is asked now and then, at once when a request failed, and every second until it is
// back; "change" tells both. What the page holds, the drawing above all, stays as it is meanwhile.

const CALM = 5000; // milliseconds between two looks when all is well
const ANXIOUS = 1000;

class Connection extends EventTarget {
  here = true;
  #timer = 0;
  #server = null;

  /** Begin to look. */
  begin() {
    this.#plan(CALM);
    document.addEventListener("visibilitychange", () => this.#look());
  }

  /** Tell that a request found nobody. */
  lost() {
    if (!this.here) return;
    this.here = false;
    this.dispatchEvent(new CustomEvent("change", { detail: { restarted: false } }));
    this.#plan(ANXIOUS);
  }

  #plan(wait) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), wait);
  }

  async #look() {
    if (document.hidden) return;
    try {
      const answer = await fetch("/api/health", { signal: AbortSignal.timeout(4000) });
      const { started } = await answer.json();
      const restarted = this.#server !== null && this.#server !== started;
      this.#server = started;
      if (!this.here || restarted) {
        this.here = true;
        this.dispatchEvent(new CustomEvent("change", { detail: { restarted } }));
      }
      this.#plan(CALM);
    } catch (error) {
      if (error.name !== "TimeoutError") this.lost(); // a server that takes its time is there
      this.#plan(ANXIOUS);
    }
  }
}

export const connection = new Connection();
