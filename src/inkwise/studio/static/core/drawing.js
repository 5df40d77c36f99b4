// The one drawing of the page, which every view that needs a digit takes: strokes, and perhaps a picture under them that
// was pasted or taken from a test split. What is sent is the picture's own file as long as nothing is drawn over it, so
// that the answer is that of `inkwise predict`; otherwise the paper, dark on white, as a grey picture file.

import { address } from "./address.js";
import { ask, bytesOf } from "./api.js";
import { begun, extend, read, SIDE, stroke, written } from "./ink.js";

const MOST_STEPS = 200; // that can be undone
const RESTED = 250; // milliseconds without a change after which the address is written

class Drawing extends EventTarget {
  width = 20; // of the pen, in dots of the paper
  touched = null; // when the event was that changed it last, on the clock of performance.now()
  #now = { strokes: [], picture: null };
  #before = [];
  #after = [];
  #paper = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE });
  #timer = 0;

  constructor() {
    super();
    address.addEventListener("moved", () => this.restore().catch(() => null));
  }

  get strokes() {
    return this.#now.strokes;
  }

  /** {blob, bitmap, label, dataset, index}; the last three of a test digit alone. */
  get picture() {
    return this.#now.picture;
  }

  get empty() {
    return !this.strokes.length && this.picture === null;
  }

  get canUndo() {
    return this.#before.length > 0;
  }

  get canRedo() {
    return this.#after.length > 0;
  }

  /** Put the pen down at (x, y), in halves of a dot. */
  begin(x, y) {
    this.#step({ ...this.#now, strokes: [...this.strokes, begun(this.width, x, y)] });
  }

  /** Draw on to (x, y). */
  extend(x, y) {
    if (extend(this.strokes.at(-1), x, y)) this.#told();
  }

  undo() {
    if (!this.canUndo) return;
    this.#after.push(this.#now);
    this.#now = this.#before.pop();
    this.#told();
  }

  redo() {
    if (!this.canRedo) return;
    this.#before.push(this.#now);
    this.#now = this.#after.pop();
    this.#told();
  }

  clear() {
    if (!this.empty) this.#step({ strokes: [], picture: null });
  }

  /** Take a picture file in place of what is there; rejects with the server's sentence where it is none. */
  async take(blob) {
    this.#step({ strokes: [], picture: await picture(blob) });
  }

  /** Take a test digit: the one that is named, or one at random. */
  async takeDigit(dataset = null, index = null) {
    this.#step({ strokes: [], picture: await digit(dataset, index) });
  }

  /** Bring back what the address names: strokes, a test digit or both. */
  async restore() {
    if (this.#written) return;
    const [ink, named] = [address.get("ink"), address.get("digit")];
    const found = named === null ? null : await digit(...named.split(":"));
    this.#step({ strokes: read(ink ?? ""), picture: found });
  }

  /** Draw all of it on a canvas of `side` dots. */
  paint(context, side, { paper = "#fff", ink = "#000" } = {}) {
    context.fillStyle = paper;
    context.fillRect(0, 0, side, side);
    const bitmap = this.picture?.bitmap;
    if (bitmap) {
      const scale = side / Math.max(bitmap.width, bitmap.height);
      const [wide, high] = [bitmap.width * scale, bitmap.height * scale];
      context.imageSmoothingEnabled = scale < 4; // a small one shows its pixels
      context.drawImage(bitmap, (side - wide) / 2, (side - high) / 2, wide, high);
    }
    stroke(context, this.strokes, side / SIDE, ink);
  }

  /** What to send: the picture's file, or the paper as one. */
  body() {
    if (this.picture !== null && !this.strokes.length) return this.picture.blob;
    const context = this.#paper.getContext("2d", { willReadFrequently: true });
    this.paint(context, SIDE);
    const dots = context.getImageData(0, 0, SIDE, SIDE).data;
    const head = new TextEncoder().encode(`P5 ${SIDE} ${SIDE} 255\n`);
    const file = new Uint8Array(head.length + SIDE * SIDE);
    file.set(head);
    const colour = this.picture !== null; // of black on white one channel says all
    for (let index = 0, from = 0; index < SIDE * SIDE; index += 1, from += 4) {
      file[head.length + index] = colour
        ? 0.299 * dots[from] + 0.587 * dots[from + 1] + 0.114 * dots[from + 2]
        : dots[from];
    }
    return file;
  }

  get #written() {
    const { ink, digit: named } = this.#words();
    return (address.get("ink") ?? "") === ink && (address.get("digit") ?? "") === named;
  }

  #words() {
    const { dataset, index } = this.picture ?? {};
    return { ink: written(this.strokes), digit: dataset ? `${dataset}:${index}` : "" };
  }

  #step(next) {
    this.#before = [...this.#before.slice(1 - MOST_STEPS), this.#now];
    this.#after = [];
    this.#now = next;
    this.#told();
  }

  #told() {
    this.dispatchEvent(new Event("change"));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => address.set(this.#words()), RESTED);
  }
}

async function digit(dataset, index) {
  const { png, ...about } = await ask("/api/draw/digit", { query: { dataset, index } });
  return { ...(await picture(new Blob([bytesOf(png)], { type: "image/png" }))), ...about };
}

/** A picture file as it is sent, and as the normaliser reads it: in grey, upright. */
async function picture(blob) {
  const { stages } = await ask("/api/draw/stages", { body: blob });
  const shown = new Blob([bytesOf(stages[0].png)], { type: "image/png" });
  return { blob, bitmap: await createImageBitmap(shown) };
}

export const drawing = new Drawing();
