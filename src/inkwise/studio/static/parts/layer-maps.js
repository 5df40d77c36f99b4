// The maps of one layer on one canvas, a dot for each value; what is marked gets a frame. Pointing at a value, or going
// there with the arrow keys, tells "looked" with its position; a click tells "chosen".

import { Element } from "../core/element.js";
import { html, svg, vars } from "../core/html.js";
import { corner, extent, indexOf, layout, positionAt, tileOf } from "../core/maps.js";
import { brief } from "../core/numbers.js";
import { paint } from "../core/palette.js";
import { theme } from "../core/theme.js";

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

class LayerMaps extends Element {
  #layer = null; // {name, shape, values, low, high}
  #laid = null;
  #mark = null; // {box, channels}
  #at = null;

  opened() {
    this.listen(theme, "change", () => this.painted());
  }

  /** Show a layer's values; `room` says how much space there is. */
  show(layer, room = {}) {
    this.#layer = layer;
    this.#laid = layout(layer.shape, room);
    this.update();
  }

  /** Frame a receptive field, or the value itself where `at` is given; null takes the frame away. */
  mark(field, at = null) {
    this.#mark = field;
    this.#at = at;
    this.update();
  }

  get layer() {
    return this.#layer;
  }

  /** The position of the value that is framed; null where none is. */
  get at() {
    return this.#at;
  }

  #position(event) {
    const { left, top } = this.querySelector("canvas").getBoundingClientRect();
    const { zoom } = this.#laid;
    return positionAt(this.#layer.shape, this.#laid, (event.clientX - left) / zoom, (event.clientY - top) / zoom);
  }

  #tell(type, at) {
    if (at) this.dispatchEvent(new CustomEvent(type, { bubbles: true, detail: { layer: this.#layer.name, at } }));
  }

  #key(event) {
    const { shape } = this.#layer;
    const way = ARROWS[event.key];
    const here = this.#at ?? shape.map((side) => Math.floor(side / 2));
    if (event.key === "Enter" || event.key === " ") this.#tell("chosen", here);
    else if (way && shape.length === 1) this.#tell("looked", [held(here[0] + way[0] + way[1] * this.#laid.columns, shape[0])]);
    else if (way) this.#tell("looked", [...here.slice(0, -2), held(here.at(-2) + way[1], shape.at(-2)), held(here.at(-1) + way[0], shape.at(-1))]);
    else if (event.key === "PageDown" || event.key === "PageUp") {
      if (shape.length > 1) this.#tell("looked", [held(here[0] + (event.key === "PageDown" ? 1 : -1), shape[0]), ...here.slice(1)]);
    } else return;
    event.preventDefault();
  }

  painted() {
    const canvas = this.querySelector("canvas");
    if (!canvas || this.#layer === null) return;
    const { values, low, high } = this.#layer;
    const laid = this.#laid;
    const [width, height] = extent(laid);
    const dots = new Float32Array(width * height).fill(NaN);
    const size = laid.wide * laid.high;
    for (let tile = 0; tile < laid.count; tile += 1) {
      const [left, top] = corner(laid, tile);
      for (let row = 0; row < laid.high; row += 1) {
        const from = tile * size + row * laid.wide;
        dots.set(values.subarray(from, from + laid.wide), (top + row) * width + left);
      }
    }
    const reach = Math.max(Math.abs(low), Math.abs(high));
    paint(canvas, dots, width, { reach, signed: low < 0 });
  }

  #frames() {
    if (this.#mark === null && this.#at === null) return "";
    const { shape } = this.#layer;
    if (this.#at !== null) {
      const [left, top] = corner(this.#laid, tileOf(shape, this.#at));
      const [row, column] = shape.length === 1 ? [0, 0] : this.#at.slice(-2);
      return svg`<rect class="value" x=${left + column} y=${top + row} width="1" height="1" />`;
    }
    const [x, y, width, height] = this.#mark.box;
    if (!width || !height) return "";
    if (shape.length === 1) return this.#run(x, width);
    const planes = this.#laid.count / shape[0];
    const shown = this.#mark.channels ?? [...Array(shape[0]).keys()];
    return shown.flatMap((channel) =>
      [...Array(planes).keys()].map((plane) => {
        const [left, top] = corner(this.#laid, channel * planes + plane);
        return svg`<rect x=${left + x} y=${top + y} width=${width} height=${height} />`;
      }),
    );
  }

  /** A frame around single values, or around all of them. */
  #run(first, length) {
    const [width, height] = extent(this.#laid);
    if (length > 1) return svg`<rect x="0" y="0" width=${width} height=${height} />`;
    const [left, top] = corner(this.#laid, first);
    return svg`<rect class="value" x=${left} y=${top} width="1" height="1" />`;
  }

  template() {
    if (this.#layer === null) return html``;
    const { name, shape, low, high, values } = this.#layer;
    const [width, height] = extent(this.#laid);
    const { zoom } = this.#laid;
    const at = this.#at;
    const said = at === null ? "" : `, at ${at.join(", ")}: ${brief(values[indexOf(shape, at)])}`;
    return html`
      <div class="maps" ${vars({ wide: `${width * zoom}px`, high: `${height * zoom}px`, zoom })}>
        <canvas
          tabindex="0"
          role="img"
          aria-label=${`Maps of ${name}, ${shape.join(" by ")}${said}. Arrow keys move, page keys change the channel.`}
          @pointermove=${(event) => this.#tell("looked", this.#position(event))}
          @click=${(event) => this.#tell("chosen", this.#position(event))}
          @pointerleave=${() => this.dispatchEvent(new CustomEvent("left", { bubbles: true }))}
          @keydown=${(event) => this.#key(event)}
        ></canvas>
        <svg viewBox="0 0 ${width} ${height}" aria-hidden="true">${this.#frames()}</svg>
      </div>
      <p class="legend" data-signed=${low < 0}>
        ${low < 0 ? html`<span>${brief(low)}</span>` : ""}<i></i><span>0</span>${low < 0 ? html`<i></i>` : ""}
        <span>${brief(high)}</span>
      </p>
    `;
  }
}

function held(value, size) {
  return Math.max(0, Math.min(size - 1, value));
}

customElements.define("layer-maps", LayerMaps);
