// Work that must keep up with a hand: one request at a time, and of those that come meanwhile the newest alone. When
// the server was away, the last one is sent again once it is back.

import { connection } from "./connection.js";

export class Latest {
  #work;
  #done;
  #failed;
  #waiting = null;
  #busy = false;
  #missed = null;

  /** `work(...arguments)` returns a promise; `done` gets what came of it, `failed` the error. */
  constructor(work, done, failed) {
    this.#work = work;
    this.#done = done;
    this.#failed = failed;
    connection.addEventListener("change", () => {
      if (!connection.here || this.#missed === null) return;
      const missed = this.#missed;
      this.#missed = null;
      this.run(...missed);
    });
  }

  run(...given) {
    this.#missed = null;
    this.#waiting = given;
    if (!this.#busy) this.#next();
  }

  async #next() {
    this.#busy = true;
    try {
      while (this.#waiting !== null) await this.#once();
    } finally {
      this.#busy = false;
    }
  }

  async #once() {
    const given = this.#waiting;
    this.#waiting = null;
    try {
      const result = await this.#work(...given);
      this.#done(result, ...given);
    } catch (error) {
      if (error.kind === "Lost" && this.#waiting === null) this.#missed = given;
      this.#failed(error);
    }
  }
}
