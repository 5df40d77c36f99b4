// Convolution over two axes: an image, a kernel, how it slides, the result; and at each place the window, the products
// and their sum. Transposed, each value of the image is spread by the kernel instead.

import { address } from "../core/address.js";
import { announce } from "../core/announce.js";
import { ask } from "../core/api.js";
import { drawing } from "../core/drawing.js";
import { Element } from "../core/element.js";
import { html, nothing } from "../core/html.js";
import { Latest } from "../core/latest.js";
import { models } from "../core/models.js";
import { tasks } from "../core/tasks.js";
import { tidy } from "../core/tidy.js";
import { imageArithmetic } from "./image-arithmetic.js";
import { imageControls } from "./image-controls.js";
import "./kernel-editor.js";
import "./matrix-table.js";
import "./place-player.js";
import "./value-grid.js";

export const FIRST = {
  source: "drawing",
  image: "1 2 0 1 3; 0 1 2 1 0; 2 0 1 0 2; 1 3 0 2 1; 0 1 1 0 2",
  kernel: "sobel-x",
  operation: "correlation",
  mode: "valid",
  padding: "",
  padding_mode: "zeros",
  stride: "1",
  dilation: "1",
};
const EMPTY = new Uint8Array();

class ImageLab extends Element {
  #told = null;
  #place = null;
  #fault = "";
  #asked = "";
  #playing = false;
  choices = null;

  #planes = new Latest(
    (query) => tasks.during("Convolving", ask("/api/convolution/plane", { query, body: this.#body() })),
    (told, query) => {
      this.#told = { ...told, operation: query.operation };
      this.#fault = "";
      this.#look();
      this.update();
    },
    (error) => this.#failed(error),
  );
  #places = new Latest(
    (query) => tasks.during("Adding up", ask("/api/convolution/place", { query, body: this.#body() })),
    (told) => {
      this.#place = told;
      this.update();
      if (!this.#playing) announce(`Row ${told.at[0]}, column ${told.at[1]}: ${tidy(told.total ?? told.value)}`);
    },
    (error) => this.#failed(error),
  );

  opened() {
    this.listen(address, "change", () => this.#changed());
    this.listen(models, "change", () => this.#changed());
    this.listen(drawing, "change", () => this.#drawn());
    this.listen(this, "placed", ({ detail }) => {
      this.#playing = detail.playing;
      this.#go(detail.at);
    });
    this.listen(this, "kernel", ({ detail }) => this.set({ kernel: detail }));
    this.#changed();
  }

  get query() {
    const given = Object.fromEntries(Object.entries(FIRST).map(([name, first]) => [name, address.get(name, first)]));
    return { ...given, model: given.kernel.includes(":") ? models.id : null, image: given.source === "numbers" ? given.image : null };
  }

  get transposed() {
    return this.#told?.operation === "transposed";
  }

  /** How many rows and columns of places there are. */
  get #sizes() {
    const { input, output_size: size } = this.#told;
    return this.transposed ? [input.length, input[0].length] : size;
  }

  get #at() {
    const [rows, columns] = this.#sizes;
    const middle = `${Math.floor(rows / 2)},${Math.floor(columns / 2)}`; // where something is to be seen
    const [row, column] = address.get("place", middle).split(",").map((word) => Number.parseInt(word, 10) || 0);
    return [Math.max(0, Math.min(rows - 1, row)), Math.max(0, Math.min(columns - 1, column || 0))];
  }

  #body() {
    return this.query.source === "numbers" || drawing.empty ? EMPTY : drawing.body();
  }

  set(values) {
    const told = Object.entries(values).map(([name, value]) => [name, String(value) === FIRST[name] ? null : String(value)]);
    address.set(Object.fromEntries(told));
  }

  #changed() {
    if (!models.list.length) return;
    const asked = JSON.stringify(this.query);
    if (asked !== this.#asked) this.#planes.run(this.query);
    else if (this.#told) this.#look();
    this.#asked = asked;
    this.update();
  }

  #drawn() {
    if (this.query.source !== "numbers" && this.#asked) this.#planes.run(this.query);
  }

  #look() {
    this.#places.run({ ...this.query, place: this.#at.join(",") });
  }

  #go(place) {
    const [, columns] = this.#sizes;
    address.set({ place: `${Math.floor(place / columns)},${place % columns}` });
  }

  /** Go to where the kernel's middle is at a dot of the image (in its padded form), or the dot itself where transposed. */
  #pressed([row, column], onResult) {
    const { setting, kernel } = this.#told;
    const [rows, columns] = this.#sizes;
    const extent = [kernel.length, kernel[0].length];
    const direct = this.transposed !== onResult;
    const back = (each, axis) => {
      const padded = this.transposed ? each + setting.padding[axis][0] : each;
      return Math.round((padded - (setting.dilation[axis] * (extent[axis] - 1)) / 2) / setting.stride[axis]);
    };
    const at = direct ? [row, column] : [row, column].map(back);
    address.set({ place: `${Math.max(0, Math.min(rows - 1, at[0]))},${Math.max(0, Math.min(columns - 1, at[1]))}` });
  }

  #failed(error) {
    this.#fault = error.kind === "Lost" ? "" : error.message;
    this.update();
  }

  painted() {
    if (this.#told === null || this.choices === null) return;
    const told = this.#told;
    const at = this.#at;
    this.querySelector("kernel-editor").show({
      text: this.query.kernel,
      rows: told.kernel,
      name: told.kernel_name,
      choices: this.choices.kernels.filter((each) => each.size.length === 2),
    });
    const [rows, columns] = this.#sizes;
    const count = at[0] * columns + at[1];
    this.querySelector("place-player").show(rows * columns, count, `row ${at[0]}, column ${at[1]}`);
    this.#paintGrids(at, count);
    const { source, ...query } = this.query;
    this.querySelector("matrix-table").show({
      key: JSON.stringify([query, source, source === "numbers" ? "" : told.input]),
      fetch: () => ask("/api/convolution/plane/matrix", { query: { source, ...query }, body: this.#body() }),
      row: this.transposed ? null : count,
      column: this.transposed ? count : null,
      words: this.transposed
        ? "It is the matrix of the convolution, turned over: a column for each value of the image."
        : "The kernel stands in each row where it lies for one value of the result; image and result are laid flat, row by row.",
    });
  }

  #paintGrids(at, count) {
    const told = this.#told;
    const { setting, kernel, lies, input, result } = told;
    const [given, made] = this.querySelectorAll("value-grid");
    const [[top], [left]] = setting.padding;
    const size = [kernel.length, kernel[0].length];
    const reach = size.map((each, axis) => setting.dilation[axis] * (each - 1) + 1);
    const place = { box: [at[1], at[0], 1, 1], kind: "place" };
    const corner = at.map((each, axis) => each * setting.stride[axis]);
    const window = (y, x) => ({ box: [x, y, reach[1], reach[0]], kind: "window", cells: cells(y, x, size, setting.dilation) });
    if (this.transposed) {
      given.show({ name: "Image", rows: input, ...scale(input), frames: [place], at });
      const rows = this.#playing && this.#place ? this.#place.so_far : result;
      const [y, x] = [corner[0] - top, corner[1] - left];
      made.show({ name: "Result", rows, ...scale(result), frames: [window(y, x)], at: [Math.max(0, y), Math.max(0, x)] });
      return;
    }
    const inside = [left, top, input[0].length, input.length];
    const padded = told.padded.length === input.length && told.padded[0].length === input[0].length ? null : inside;
    given.show({ name: "Image", rows: told.padded, ...scale(told.padded), frames: [window(...corner)], at: corner, inside: padded });
    const columns = result[0].length;
    const rows = this.#playing ? result.map((row, y) => row.map((value, x) => (y * columns + x <= count ? value : null))) : result;
    made.show({ name: "Result", rows, ...scale(result), frames: [place], at });
  }

  template() {
    const told = this.#told;
    const size = (rows) => `${rows.length} × ${rows[0].length}`;
    return html`
      <div class="lab">
        <section class="card controls" aria-label="Image and kernel">${imageControls(this, this.choices)}</section>
        <section class="results" aria-label="What comes of them">
          ${this.#fault ? html`<p class="fault" role="alert">${this.#fault}</p>` : nothing}
          <div class="card stage" ?data-old=${this.#fault !== ""}>
            <place-player></place-player>
            <div class="planes">
              <figure @pressed=${({ detail }) => this.#pressed(detail, false)}>
                <figcaption><h3>Image<small>${told ? size(told.input) : ""}</small></h3></figcaption>
                <value-grid></value-grid>
              </figure>
              <figure @pressed=${({ detail }) => this.#pressed(detail, true)}>
                <figcaption><h3>Result<small>${told ? size(told.result) : ""}</small></h3></figcaption>
                <value-grid></value-grid>
              </figure>
            </div>
            <p class="note">${told?.input_name ?? ""}</p>
          </div>
          <div class="card">${told && this.#place ? imageArithmetic(told, this.#place) : nothing}</div>
          <div class="card">${told ? sizes(told) : nothing}</div>
          <div class="card"><matrix-table></matrix-table></div>
        </section>
      </div>
    `;
  }
}

/** The places of a window's values, dilated. */
function cells(top, left, [high, wide], [down, across]) {
  if (down === 1 && across === 1) return [];
  return [...Array(high).keys()].flatMap((y) => [...Array(wide).keys()].map((x) => [top + y * down, left + x * across]));
}

function scale(rows) {
  const values = rows.flat().filter((value) => value !== null);
  return { reach: Math.max(...values.map(Math.abs), 1e-9), signed: values.some((value) => value < 0) };
}

function sizes({ formula, setting, operation, symmetric }) {
  const [[top, bottom], [left, right]] = setting.padding;
  const pads = top === bottom && left === right && top === left ? `${top} on every side` : `${top} above, ${bottom} below, ${left} left, ${right} right`;
  const said = operation === "transposed" ? `Cut off: ${pads}.` : `Padding: ${pads} (${setting.padding_mode}).`;
  const why = setting.algorithm ? ` Computed by ${setting.algorithm}: ${setting.reason.replace(/^\w+: /, "")}.` : "";
  const same = symmetric ? " The kernel is symmetric, so that convolution and correlation give the same." : "";
  return html`<h2>The size</h2>
    <p class="formula">height: ${formula[0].replaceAll("*", " · ")}</p>
    <p class="formula">width: ${formula[1].replaceAll("*", " · ")}</p>
    <p class="note">${said}${same}${why}</p>`;
}

customElements.define("image-lab", ImageLab);
