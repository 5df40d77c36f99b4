// Play, step and drag through the places of a convolution. Tells "placed" with {at, playing}.

import { Element } from "../core/element.js";
import { html } from "../core/html.js";
import { icon } from "./icons.js";

const LASTS = 14_000; // milliseconds for the whole way, within what the eye can follow
const [FASTEST, SLOWEST] = [110, 750];
const PATHS = {
  first: "M6 5v14 M18 5l-9 7l9 7z",
  back: "M16 5l-9 7l9 7z",
  play: "M7 4.5l12 7.5l-12 7.5z",
  pause: "M8 5v14 M16 5v14",
  on: "M8 5l9 7l-9 7z",
};

class PlacePlayer extends Element {
  #count = 1;
  #at = 0;
  #said = "";
  #timer = 0;

  /** Show where we are: place `at` of `count`, with words for it. */
  show(count, at, said) {
    this.#count = count;
    this.#at = at;
    this.#said = said;
    this.update();
  }

  get playing() {
    return this.#timer !== 0;
  }

  closed() {
    this.stop();
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = 0;
    this.update();
  }

  #go(at) {
    const next = Math.max(0, Math.min(this.#count - 1, at));
    this.#at = next;
    this.dispatchEvent(new CustomEvent("placed", { bubbles: true, detail: { at: next, playing: this.playing } }));
    this.update();
  }

  #step(at) {
    this.stop();
    this.#go(at);
  }

  #play() {
    if (this.playing) return this.#step(this.#at);
    const pause = Math.max(FASTEST, Math.min(SLOWEST, LASTS / this.#count));
    const begin = this.#at >= this.#count - 1 ? 0 : this.#at;
    this.#timer = setInterval(() => (this.#at >= this.#count - 1 ? this.#step(this.#at) : this.#go(this.#at + 1)), pause);
    this.#go(begin);
  }

  template() {
    const [first, last] = [this.#at === 0, this.#at >= this.#count - 1];
    const button = (name, title, work, off = false) =>
      html`<button class="quiet" title=${title} aria-label=${title} ?disabled=${off} @click=${work}>${icon(PATHS[name])}</button>`;
    return html`
      <div class="buttons" data-unsaved>
        ${button("first", "To the first place", () => this.#step(0), first)}
        ${button("back", "One place back", () => this.#step(this.#at - 1), first)}
        ${button(this.playing ? "pause" : "play", this.playing ? "Pause" : "Play", () => this.#play())}
        ${button("on", "One place on", () => this.#step(this.#at + 1), last)}
      </div>
      <input
        type="range"
        min="0"
        max=${this.#count - 1}
        aria-label="Place"
        aria-valuetext=${this.#said}
        .value=${String(this.#at)}
        @input=${(event) => this.#step(event.target.valueAsNumber)}
      />
      <output>${this.#said}</output>
    `;
  }
}

customElements.define("place-player", PlacePlayer);
