// What takes its time: every view tells here what it waits for, and the shell shows what is not done after a moment.

const MOMENT = 400; // milliseconds; what is quicker would only flicker

class Tasks extends EventTarget {
  #running = new Map();

  /** What to show now: the label of each task that has run for a moment. */
  get shown() {
    const now = performance.now();
    return [...this.#running.values()].filter((task) => now - task.began >= MOMENT).map((task) => task.label);
  }

  /** Show `label` for as long as the promise takes, and return what it gives. */
  async during(label, promise) {
    const key = Symbol(label);
    this.#running.set(key, { label, began: performance.now() });
    setTimeout(() => this.#running.has(key) && this.#tell(), MOMENT + 10);
    try {
      return await promise;
    } finally {
      this.#running.delete(key);
      this.#tell();
    }
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}

export const tasks = new Tasks();
