// The paper: drawing with pen, touch, mouse and keyboard, undo, clear, and pictures that are pasted, dropped or chosen.
// It changes the page's one drawing, and shows it.

import { Fault } from "../core/api.js";
import { announce } from "../core/announce.js";
import { drawing } from "../core/drawing.js";
import { Element } from "../core/element.js";
import { html, nothing } from "../core/html.js";
import { SIDE } from "../core/ink.js";
import { tasks } from "../core/tasks.js";
import { icon } from "./icons.js";

const SHARP = 2; // dots of the canvas for each of the paper
const [LEAST, MOST] = [6, 48]; // width of the pen
const STEP = 8; // dots that an arrow key goes; with Shift a quarter of it
const MAX_FILE = 32_000_000; // bytes; the server takes no more
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

class DrawingPad extends Element {
  #pointer = null;
  #pen = false; // a pen was used: a hand that rests on the glass is none
  #cursor = [SIDE / 2, SIDE / 2];
  #down = false; // the keyboard's pen
  #fault = "";

  opened() {
    this.listen(drawing, "change", () => {
      this.#paint();
      this.update();
    });
    this.listen(document, "paste", (event) => this.#pasted(event));
    this.listen(document, "keydown", (event) => this.#shortcut(event));
    this.listen(this, "dragover", (event) => event.preventDefault());
    this.listen(this, "drop", (event) => this.#dropped(event));
  }

  closed() {
    this.#pointer = null;
    this.#down = false;
  }

  get #canvas() {
    return this.querySelector("canvas");
  }

  // The pointer

  #place(event) {
    const { left, top, width } = this.#canvas.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top].map((value) => (2 * SIDE * value) / width);
  }

  #pressed(event) {
    if (this.#pointer !== null || event.button > 0 || (this.#pen && event.pointerType === "touch")) return;
    this.#pen ||= event.pointerType === "pen";
    this.#pointer = event.pointerId;
    event.target.setPointerCapture(event.pointerId);
    this.#fault = "";
    drawing.touched = event.timeStamp;
    drawing.begin(...this.#place(event));
  }

  #moved(event) {
    if (event.pointerId !== this.#pointer) return;
    drawing.touched = event.timeStamp;
    const passed = event.getCoalescedEvents?.() ?? [];
    for (const each of passed.length ? passed : [event]) drawing.extend(...this.#place(each));
  }

  #released(event) {
    if (event.pointerId === this.#pointer) this.#pointer = null;
  }

  // The keyboard

  #key(event) {
    const way = ARROWS[event.key];
    drawing.touched = event.timeStamp;
    if (way) {
      const step = event.shiftKey ? STEP / 4 : STEP;
      this.#cursor = this.#cursor.map((at, axis) => Math.max(0, Math.min(SIDE, at + step * way[axis])));
      if (this.#down) drawing.extend(...this.#cursor.map((at) => 2 * at));
      this.#paint();
    } else if (event.key === " " || event.key === "Enter") {
      this.#down = !this.#down;
      if (this.#down) drawing.begin(...this.#cursor.map((at) => 2 * at));
      const [x, y] = this.#cursor.map((at) => Math.round((100 * at) / SIDE));
      announce(`Pen ${this.#down ? "down" : "up"}, ${x} % from the left, ${y} % from the top`, { soon: true });
      this.update();
    } else if (event.key === "Delete" || event.key === "Backspace") {
      this.#clear();
    } else {
      return;
    }
    event.preventDefault();
  }

  #shortcut(event) {
    if (event.target.matches("input:not([type=range]), select, textarea")) return;
    const command = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    if (command && key === "z" && !event.shiftKey) drawing.undo();
    else if (command && (key === "y" || (key === "z" && event.shiftKey))) drawing.redo();
    else if (!command && key === "[") this.#widen(-2);
    else if (!command && key === "]") this.#widen(2);
    else return;
    event.preventDefault();
  }

  #widen(by) {
    drawing.width = Math.max(LEAST, Math.min(MOST, drawing.width + by));
    this.update();
  }

  #clear() {
    this.#down = false;
    this.#fault = "";
    drawing.clear();
    this.update();
  }

  // Pictures

  #pasted(event) {
    const file = [...(event.clipboardData?.files ?? [])][0];
    if (file) {
      event.preventDefault();
      this.#take(file);
    }
  }

  #dropped(event) {
    event.preventDefault();
    const file = event.dataTransfer.files[0];
    if (file) this.#take(file);
  }

  async #take(file) {
    await this.#try("Reading the picture", () => {
      if (file.size > MAX_FILE) {
        throw new Fault("TooLarge", `${file.name} has ${Math.round(file.size / 1e6)} MB; at most 32 MB are accepted.`);
      }
      return drawing.take(file);
    });
  }

  async #try(label, work) {
    this.#fault = "";
    try {
      await tasks.during(label, work());
    } catch (error) {
      this.#fault = error.message;
    }
    this.update();
  }

  // What is seen

  painted() {
    this.#paint();
  }

  #paint() {
    const canvas = this.#canvas;
    if (!canvas) return;
    const context = canvas.getContext("2d");
    drawing.paint(context, SIDE * SHARP);
    if (canvas.matches(":focus-visible")) {
      const [x, y] = this.#cursor.map((at) => at * SHARP);
      const reach = drawing.width * SHARP * 0.5;
      context.strokeStyle = this.#down ? "#c04f00" : "#0072b2";
      context.lineWidth = 2;
      context.beginPath();
      context.arc(x, y, reach, 0, 2 * Math.PI);
      for (const [dx, dy] of Object.values(ARROWS)) {
        context.moveTo(x + dx * reach, y + dy * reach);
        context.lineTo(x + dx * (reach + 12), y + dy * (reach + 12));
      }
      context.stroke();
    }
  }

  template() {
    const { picture } = drawing;
    return html`
      <div class="paper" ?data-picture=${picture !== null} ?data-empty=${drawing.empty}>
        <canvas
          width=${SIDE * SHARP}
          height=${SIDE * SHARP}
          tabindex="0"
          role="application"
          aria-label="Paper to draw a digit on"
          aria-describedby="paper-keys"
          @pointerdown=${(event) => this.#pressed(event)}
          @pointermove=${(event) => this.#moved(event)}
          @pointerup=${(event) => this.#released(event)}
          @pointercancel=${(event) => this.#released(event)}
          @keydown=${(event) => this.#key(event)}
          @focus=${() => this.#paint()}
          @blur=${() => this.#paint()}
        ></canvas>
        ${drawing.empty
          ? html`<p class="invitation" aria-hidden="true">Draw a digit<small>or paste, drop or choose a picture</small></p>`
          : nothing}
      </div>
      <p id="paper-keys" class="hidden">
        Arrow keys move the pen, with Shift by a little; Space puts it down and lifts it; Delete clears; Control Z undoes.
      </p>
      ${picture?.dataset
        ? html`<p class="origin">Image ${picture.index} of ${picture.dataset}'s test split, a <strong>${picture.label}</strong></p>`
        : nothing}
      ${this.#fault ? html`<p class="fault" role="alert">${icon("warn")}<span>${this.#fault}</span></p>` : nothing}
      <div class="tools" data-unsaved>
        <label class="width" title="Width of the pen: [ and ]">
          <span>Pen</span>
          <input
            type="range"
            min=${LEAST}
            max=${MOST}
            step="2"
            aria-label="Width of the pen"
            .value=${String(drawing.width)}
            @input=${(event) => this.#widen(event.target.valueAsNumber - drawing.width)}
          />
          <i class="nib" data-width=${drawing.width}
            ><svg viewBox="0 0 48 48" aria-hidden="true"><circle cx="24" cy="24" r=${drawing.width / 2} /></svg
          ></i>
        </label>
        <button title="Undo: Ctrl+Z" ?disabled=${!drawing.canUndo} @click=${() => drawing.undo()}>${icon("undo")}<span>Undo</span></button>
        <button title="Redo: Ctrl+Y" ?disabled=${!drawing.canRedo} @click=${() => drawing.redo()}>${icon("redo")}<span>Redo</span></button>
        <button title="Clear: Delete" ?disabled=${drawing.empty} @click=${() => this.#clear()}>${icon("clear")}<span>Clear</span></button>
        <label class="button" title="Choose a picture, or paste one: Ctrl+V">
          <input type="file" accept="image/*,.pgm,.tif,.tiff" class="hidden" @change=${(event) => this.#chosen(event)} />
          ${icon("image")}<span>Picture</span>
        </label>
        <button
          title="A test digit at random"
          @click=${() => this.#try("Reading the test digits", () => drawing.takeDigit())}
        >
          ${icon("dice")}<span>Test digit</span>
        </button>
      </div>
    `;
  }

  #chosen(event) {
    const [file] = event.target.files;
    event.target.value = "";
    if (file) this.#take(file);
  }
}

customElements.define("drawing-pad", DrawingPad);
