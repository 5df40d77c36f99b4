// The runs of the runs folder, and the events of those that are looked at: asked for every second while they are in
// training, from the byte on where the last answer ended.

import { ask } from "./api.js";
import { connection } from "./connection.js";

const LIVE = 1000; // milliseconds between two looks at a run in training
const CALM = 5000; // and at the list

class Trainings extends EventTarget {
  list = [];
  #followed = new Map(); // name -> {next, steps, rows, told, busy}
  #timer = 0;
  #listed = 0;
  #watchers = 0;

  constructor() {
    super();
    connection.addEventListener("change", () => connection.here && this.#watchers && this.refresh());
  }

  /** Begin to look; `leave` ends it. */
  enter() {
    this.#watchers += 1;
    if (this.#watchers === 1) this.#look();
  }

  leave() {
    this.#watchers -= 1;
    if (this.#watchers === 0) clearTimeout(this.#timer);
  }

  /** Follow these runs, and forget others. */
  follow(names) {
    for (const name of [...this.#followed.keys()]) if (!names.includes(name)) this.#followed.delete(name);
    for (const name of names) {
      if (!this.#followed.has(name)) this.#followed.set(name, { next: 0, steps: [], rows: [], told: null, busy: false });
      if (this.#followed.get(name).told === null) this.#fetch(name);
    }
  }

  /** What is known of a run that is followed: {told, steps, rows}. */
  of(name) {
    return this.#followed.get(name) ?? null;
  }

  /** What the list says of a run, or what following it told since. */
  about(name) {
    return this.of(name)?.told ?? this.list.find((each) => each.run === name) ?? null;
  }

  async refresh() {
    this.#listed = performance.now();
    try {
      this.list = (await ask("/api/train/runs")).runs;
      this.dispatchEvent(new Event("change"));
    } catch {
      this.#listed = 0; // asked again at the next look
    }
    await Promise.all([...this.#followed.keys()].map((name) => this.#fetch(name)));
  }

  #look() {
    clearTimeout(this.#timer);
    if (!this.#watchers) return;
    this.#timer = setTimeout(() => this.#look(), LIVE);
    if (!connection.here || document.hidden) return;
    if (performance.now() - this.#listed > CALM || !this.#listed) return void this.refresh();
    for (const [name, { told }] of this.#followed) if (told === null || LIVELY.has(told.state)) this.#fetch(name);
  }

  async #fetch(name) {
    const run = this.#followed.get(name);
    if (!run || run.busy) return;
    run.busy = true;
    try {
      const told = await ask("/api/train/follow", { query: { run: name, start: run.next } });
      if (told.begin === 0) [run.steps, run.rows] = [[], []];
      for (const event of told.events) {
        if (event.kind === "step") run.steps.push(event);
        else if (event.kind === "metrics") run.rows.push(event);
      }
      const { events, begin, next, ...about } = told;
      run.next = next;
      run.told = about;
      this.dispatchEvent(new Event("change"));
    } catch (error) {
      if (error.kind !== "Lost") run.told ??= { run: name, state: "failed", said: error.message };
    }
    run.busy = false;
  }
}

const LIVELY = new Set(["starting", "running"]);

export const trainings = new Trainings();
