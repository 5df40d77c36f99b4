// Curves over one axis, by uPlot. Its colours are the theme's, and its width the room's.

import uPlot from "../vendor/uplot/dist/uPlot.esm.js";
import { Element } from "../core/element.js";
import { html } from "../core/html.js";
import { theme } from "../core/theme.js";

const HIGH = 260;

let styled = false;

/** uPlot's own style sheet, fetched with the first chart. */
function style() {
  if (styled) return;
  styled = true;
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: "/static/vendor/uplot/dist/uPlot.min.css" }));
}

class LineChart extends Element {
  #data = null;
  #plot = null;
  #watch = new ResizeObserver(() => this.#fit());

  /**
   * What is drawn: {label, x: {label, values}, series: [{label, values, colour, dash, points}], at, y}. `colour` is the
   * name of a custom property, `at` a place on the axis that is marked, `y` the range.
   */
  set data(value) {
    this.#data = value;
    this.#draw();
  }

  opened() {
    style();
    this.listen(theme, "change", () => requestAnimationFrame(() => this.#draw()));
    this.#watch.observe(this);
    this.updateNow();
    this.#draw();
  }

  closed() {
    this.#watch.disconnect();
    this.#plot?.destroy();
    this.#plot = null;
  }

  #fit() {
    const width = Math.floor(this.clientWidth);
    if (this.#plot && width > 0 && width !== this.#plot.width) this.#plot.setSize({ width, height: HIGH });
  }

  #draw() {
    const place = this.querySelector(".plot");
    if (!this.#data || !place) return;
    this.#plot?.destroy();
    const { x, series, at, y } = this.#data;
    const options = {
      width: Math.max(200, Math.floor(this.clientWidth)),
      height: HIGH,
      cursor: { y: false },
      legend: { live: false },
      scales: { x: { time: false }, y: { range: y ?? [0, 1] } },
      axes: [axis(x.label), axis(this.#data.yLabel ?? "", 52)],
      series: [
        { label: x.label },
        ...series.map((each) => ({
          label: each.label,
          stroke: ink(each.colour),
          width: each.width ?? 2,
          dash: each.dash,
          points: { show: each.points ?? false, size: 7, fill: ink(each.colour) },
          spanGaps: true,
        })),
      ],
      hooks: at === undefined ? {} : { draw: [(plot) => mark(plot, at)] },
    };
    this.#plot = new uPlot(options, [x.values, ...series.map((each) => each.values)], place);
  }

  template() {
    return html`<div class="plot" role="img" aria-label=${this.#data?.label ?? ""}></div>`;
  }
}

function ink(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function axis(label, size = 44) {
  const line = { stroke: ink("line"), width: 1 };
  return { label, size, stroke: ink("muted"), grid: line, ticks: line, font: "12px system-ui", labelFont: "12px system-ui", labelSize: label ? 20 : 0 };
}

function mark(plot, at) {
  const x = Math.round(plot.valToPos(at, "x", true));
  const { top, height } = plot.bbox;
  plot.ctx.save();
  plot.ctx.strokeStyle = ink("ink");
  plot.ctx.lineWidth = 2;
  plot.ctx.setLineDash([]);
  plot.ctx.beginPath();
  plot.ctx.moveTo(x, top);
  plot.ctx.lineTo(x, top + height);
  plot.ctx.stroke();
  plot.ctx.restore();
}

customElements.define("line-chart", LineChart);
