// Loss and accuracy over the epochs, of one run or several laid over each other: dashed what training tells on its way,
// drawn through what was measured on images held out.

import uPlot from "../vendor/uplot/dist/uPlot.esm.js";
import { Element } from "../core/element.js";
import { html } from "../core/html.js";
import { sheet } from "../core/sheet.js";
import { theme } from "../core/theme.js";
import { trainings } from "../core/trainings.js";

await sheet("../vendor/uplot/dist/uPlot.min.css");

const PLOTS = [
  { name: "loss", title: "Loss", distr: 3, say: (value) => value.toPrecision(4) },
  { name: "accuracy", title: "Accuracy, %", distr: 1, scale: 100, say: (value) => value.toFixed(2) },
];
const HIGH = 270;

class RunCurves extends Element {
  #shown = [];
  #plots = new Map(); // name -> {plot, key}
  #epoch = null;
  #sizes = null;

  opened() {
    this.listen(trainings, "change", () => this.#draw());
    this.listen(theme, "change", () => this.#anew());
    this.#sizes = new ResizeObserver(() => this.#resize());
    this.#sizes.observe(this);
  }

  closed() {
    this.#sizes.disconnect();
    this.#anew({ draw: false });
  }

  /** Show the curves of these runs; `epoch` is marked. */
  show(shown, epoch) {
    [this.#shown, this.#epoch] = [shown, epoch];
    this.#draw();
  }

  #anew({ draw = true } = {}) {
    for (const { plot } of this.#plots.values()) plot.destroy();
    this.#plots.clear();
    if (draw) this.#draw();
  }

  #resize() {
    for (const [name, { plot }] of this.#plots) {
      const { width } = this.querySelector(`[data-plot="${name}"]`).getBoundingClientRect();
      if (width && Math.abs(width - plot.width) > 1) plot.setSize({ width: Math.floor(width), height: HIGH });
    }
  }

  /** The series of every run: [label, colour, dashed, [epochs, values]]. */
  #series({ name, scale = 1 }) {
    return this.#shown.flatMap((run, index) => {
      const known = trainings.of(run);
      if (!known?.told?.per_epoch) return [];
      const per = known.told.per_epoch;
      const live = [...known.steps, ...known.rows.filter((row) => row.split === "train")]
        .filter((each) => each[name] !== null)
        .sort((one, other) => one.step - other.step);
      const others = Map.groupBy(known.rows.filter((row) => row.split !== "train" && row[name] !== null), (row) => row.split);
      const curve = (events) => [events.map((each) => each.step / per), events.map((each) => each[name] * scale)];
      return [
        [`${run}, train`, index % 6, true, curve(live)],
        ...[...others].map(([split, rows]) => [`${run}, ${split}`, index % 6, false, curve(rows)]),
      ].filter(([, , , [epochs]]) => epochs.length);
    });
  }

  #draw() {
    if (!this.isConnected || !this.querySelector("[data-plot]")) return;
    for (const about of PLOTS) this.#one(about);
  }

  #one(about) {
    const series = this.#series(about);
    const key = JSON.stringify(series.map(([label, colour]) => [label, colour]));
    const data = series.length ? uPlot.join(series.map(([, , , curve]) => unique(curve))) : [[], []];
    const known = this.#plots.get(about.name);
    const place = this.querySelector(`[data-plot="${about.name}"]`);
    place.setAttribute("aria-label", said(about, series));
    if (known?.key === key) {
      known.plot.setData(data);
      return;
    }
    known?.plot.destroy();
    if (!series.length) return void this.#plots.delete(about.name);
    this.#plots.set(about.name, { key, plot: new uPlot(this.#options(about, series, place), data, place) });
  }

  #options({ title, distr, say }, series, place) {
    const style = getComputedStyle(this);
    const colour = (name) => style.getPropertyValue(name).trim();
    const axis = { stroke: colour("--muted"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line"), width: 1 } };
    const mark = (plot) => {
      if (this.#epoch === null) return;
      const x = plot.valToPos(this.#epoch, "x", true);
      if (x < plot.bbox.left || x > plot.bbox.left + plot.bbox.width) return;
      plot.ctx.fillStyle = colour("--muted");
      plot.ctx.fillRect(x, plot.bbox.top, devicePixelRatio, plot.bbox.height);
    };
    return {
      title,
      width: Math.floor(place.getBoundingClientRect().width),
      height: HIGH,
      scales: { x: { time: false }, y: { distr } },
      axes: [{ ...axis, label: "epoch", labelSize: 20 }, { ...axis, size: 58 }],
      hooks: { draw: [mark] },
      cursor: { drag: { x: true, y: false } },
      series: [
        { label: "epoch", value: (_plot, value) => (value === null ? "" : value.toFixed(2)) },
        ...series.map(([label, index, dashed]) => ({
          label,
          stroke: colour(`--run-${index}`),
          width: dashed ? 1 : 2,
          dash: dashed ? [5, 4] : undefined,
          points: { show: !dashed, size: 6, fill: colour(`--run-${index}`) },
          spanGaps: true,
          value: (_plot, value) => (value === null || value === undefined ? "" : say(value)),
        })),
      ],
    };
  }

  painted() {
    this.#draw();
  }

  template() {
    return html`${PLOTS.map(({ name }) => html`<div class="plot" data-plot=${name} role="img"></div>`)}`;
  }
}

/** A curve whose epochs rise: of two values at one the later. */
function unique([epochs, values]) {
  const kept = new Map(epochs.map((epoch, index) => [epoch, values[index]]));
  const order = [...kept.keys()].sort((one, other) => one - other);
  return [order, order.map((epoch) => kept.get(epoch))];
}

function said({ title, say }, series) {
  const last = series.map(([label, , , [epochs, values]]) => `${label}: ${say(values.at(-1))} at epoch ${epochs.at(-1).toFixed(1)}`);
  return last.length ? `${title}. ${last.join("; ")}` : `${title}: nothing yet`;
}

customElements.define("run-curves", RunCurves);
