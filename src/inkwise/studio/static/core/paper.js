// The page that is read: its file, what the server read on it, and what was put right by hand. It is kept while other
// views are shown. The address has the page that comes with Inkwise by its name; a file of one's own stays here.

import { address } from "./address.js";
import { ask } from "./api.js";
import { connection } from "./connection.js";
import { Latest } from "./latest.js";
import { models } from "./models.js";
import { tasks } from "./tasks.js";

export const SAMPLE = "sample-page.jpg";

class Paper extends EventTarget {
  name = "";
  fault = "";
  read = null; // the answer as it was read
  now = null; // the same with what was put right: {page, said, csv, json}
  stages = [];
  #blob = null;
  #number = 1; // of the page in its file
  #asked = ""; // the model that was asked
  #labels = new Map();

  #pages = new Latest(
    (model) => tasks.during("Reading the page", this.#ask(model)),
    (answer) => this.#answered(answer),
    (error) => this.#failed(error),
  );
  #pictures = new Latest(
    (blob, number, model) =>
      tasks.during("Following the stages", ask("/api/read/stages", { query: { number, model }, body: blob })),
    ({ stages }, blob) => {
      if (blob === this.#blob) this.stages = stages;
      this.#tell();
    },
    () => null, // the reading tells what went wrong
  );
  #corrections = new Latest(
    (json) => tasks.during("Putting it right", ask("/api/read/corrected", { json })),
    (answer, json) => {
      if (this.read !== null && json.page === this.read.page) this.now = answer;
      this.#tell();
    },
    (error) => this.#failed(error),
  );

  get busy() {
    return this.#blob !== null && this.read === null && this.fault === "";
  }

  get number() {
    return this.#number;
  }

  /** Every digit in reading order, with its line and how sure it is in words. */
  get digits() {
    const { page, said } = this.now ?? this.read ?? { page: { lines: [] } };
    return page.lines.flatMap((line, row) =>
      line.digits.map((digit, column) => ({ ...digit, line: row, column, said: said[row].digits[column] })),
    );
  }

  isFixed(place) {
    return this.#labels.has(place);
  }

  /** What the page gave at a place before it was put right. */
  original(place) {
    return this.read.page.lines.flatMap((line) => line.digits)[place];
  }

  /** Take a file to read. */
  take(blob, name) {
    Object.assign(this, { name, stages: [] });
    this.#blob = blob;
    this.#labels.clear();
    this.turnTo(1);
  }

  async takeSample() {
    const answer = await tasks.during("Fetching the sample page", fetch("/api/read/sample")).catch(() => null);
    if (answer?.ok) return this.take(await answer.blob(), SAMPLE);
    connection.lost();
  }

  /** Read another page of the same file. */
  turnTo(number) {
    this.#number = number;
    this.#labels.clear();
    this.again();
  }

  /** Read it with the model that is chosen now. */
  again() {
    if (this.#blob === null) return;
    Object.assign(this, { read: null, now: null, fault: "", stages: [] });
    this.#asked = models.id;
    this.#write();
    this.#tell();
    this.#pages.run(models.id);
  }

  /** The model may be another one. */
  follow() {
    if (this.#blob !== null && models.list.length && this.#asked !== models.id) {
      this.#labels.clear();
      this.again();
    }
  }

  /** Say what stands at a place, 0 to 9 or ?; null for what was read. */
  fix(place, label) {
    if (label === null) this.#labels.delete(place);
    else this.#labels.set(place, label);
    this.#write();
    this.#correct();
  }

  /** Bring back what the address names. */
  restore() {
    for (const each of (address.get("fixed") ?? "").split(",")) {
      const found = /^(\d{1,5}):([0-9?])$/.exec(each);
      if (found) this.#labels.set(Number(found[1]), found[2]);
    }
    const kept = new Map(this.#labels);
    if (address.get("page") !== "sample") return;
    this.takeSample().then(() => {
      this.#labels = kept;
      this.#write();
    });
  }

  /** Put into the address what can be. */
  settle() {
    if (this.#blob !== null) this.#write();
  }

  async #ask(model) {
    const [blob, number] = [this.#blob, this.#number];
    return { blob, ...(await ask("/api/read/page", { query: { model, number }, body: blob })) };
  }

  #answered({ blob, ...answer }) {
    if (blob !== this.#blob || answer.number !== this.#number) return;
    this.read = answer;
    this.fault = "";
    const count = answer.page.lines.reduce((sum, line) => sum + line.digits.length, 0);
    for (const place of this.#labels.keys()) if (place >= count) this.#labels.delete(place);
    this.#tell();
    this.#correct();
    this.#pictures.run(blob, this.#number, this.#asked);
  }

  #correct() {
    const { page } = this.read;
    this.#corrections.run({ image: this.name, number: this.#number, page, labels: Object.fromEntries(this.#labels) });
  }

  #failed(error) {
    this.fault = error.kind === "Lost" ? "" : error.message;
    this.#tell();
  }

  #write() {
    const fixed = [...this.#labels].map(([place, label]) => `${place}:${label}`).join(",");
    address.set({
      page: this.name === SAMPLE ? "sample" : null,
      fixed: this.name === SAMPLE ? fixed : null,
    });
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}

export const paper = new Paper();
