// How one value comes about, step by step, as the server worked it out: patch times kernel over channels, bias, norms,
// activations, the winner of a pool, the contributions to a logit, softmax.

import { Element } from "../core/element.js";
import { html, nothing, vars } from "../core/html.js";
import { brief, number } from "../core/numbers.js";

const AXES = { 1: ["value"], 2: ["channel", "place"], 3: ["channel", "row", "column"], 4: ["channel", "plane", "row", "column"] };

class ValueArithmetic extends Element {
  #told = null;
  #pinned = false;

  /** Show what the server told of a value; null for nothing. */
  show(told, pinned) {
    this.#told = told;
    this.#pinned = pinned;
    this.update();
  }

  template() {
    const told = this.#told;
    if (told === null) {
      return html`<p class="empty">Point at a value of any layer to see how it comes about. A click holds it.</p>`;
    }
    return html`
      <p class="spot">
        <strong>${told.layer}</strong> at ${spot(told.at)}
        ${this.#pinned ? html`<span class="held" data-unsaved>held; Escape lets go</span>` : nothing}
      </p>
      <p class="total">${number(told.value)}</p>
      <p class="seen">${told.seen}</p>
      ${told.reason ? html`<p class="hint">${told.reason}</p>` : nothing}
      ${(told.notes ?? []).map((note) => html`<p class="hint">${note}</p>`)}
      <ol class="steps">
        ${(told.steps ?? []).map(
          (step) => html`<li>
            <h3>${step.layer}<small>${step.kind} at ${spot(step.at)}</small></h3>
            ${FORMS[step.form]?.(step) ?? nothing}
          </li>`,
        )}
      </ol>
      ${told.steps ? verdict(told) : nothing}
    `;
  }
}

function spot(at) {
  const names = AXES[at.length] ?? at.map((_, axis) => `axis ${axis}`);
  return at.map((each, axis) => `${names[axis]} ${each}`).join(", ");
}

function verdict({ computed, value, difference, agrees }) {
  const close = difference === 0 ? "exactly the same" : `the same to ${Math.abs(difference).toExponential(0)}`;
  return html`<p class="check" ?data-agrees=${agrees}>
    Added up here ${number(computed)}, by torch ${number(value)}:
    ${agrees ? close : `a difference of ${number(difference)}`}.
  </p>`;
}

/** Numbers in rows, each cell tinted by its value; those of padding are dashes. */
function grid(title, rows, { inside = null, winner = null } = {}) {
  const matrix = Array.isArray(rows[0]) ? rows : [rows];
  const reach = Math.max(...matrix.flat().map(Math.abs), 1e-12);
  const small = matrix[0].length > 7;
  return html`<figure class="grid" ?data-small=${small}>
    <figcaption>${title}</figcaption>
    <table>
      ${matrix.map(
        (row, y) => html`<tr>
          ${row.map((value, x) => {
            const out = inside && !(Array.isArray(inside[0]) ? inside[y][x] : inside[x]);
            const won = winner && winner[0] === y && winner[1] === x;
            return html`<td
              ?data-out=${out}
              ?data-won=${won}
              ?data-below=${value < 0}
              title=${out ? "padding" : number(value)}
              ${vars({ share: (Math.abs(value) / reach).toFixed(3) })}
            >
              ${small ? "" : out ? "\u00b7" : brief(value)}
            </td>`;
          })}
        </tr>`,
      )}
    </table>
  </figure>`;
}

function sum(lines) {
  return html`<table class="sum">
    ${lines.map(([name, value, last]) => html`<tr ?data-last=${last}><th>${name}</th><td>${number(value)}</td></tr>`)}
  </table>`;
}

function source({ source: from }) {
  return from ?? "a sum between layers";
}

function windowSum(step) {
  const several = step.terms.length + (step.rest?.count ?? 0) > 1;
  return html`
    ${step.terms.map(
      (term) => html`
        ${several ? html`<p class="of">channel ${term.channel} of ${source(step)}: ${number(term.sum)}</p>` : nothing}
        <div class="product">
          ${grid("patch", term.patch, { inside: step.inside })}<b>×</b>${grid("kernel", term.kernel)}<b>=</b>
          ${grid("products", term.products, { inside: step.inside })}
        </div>
      `,
    )}
    ${sum([
      ...(several ? step.terms.map((term) => [`channel ${term.channel}`, term.sum]) : [["sum of the products", step.terms[0].sum]]),
      ...(step.rest ? [[`the other ${step.rest.count} channels`, step.rest.sum]] : []),
      ...(step.bias === null ? [] : [[step.fold ? `bias, with ${step.fold.layer} folded in` : "bias", step.bias]]),
      ["together", step.value, true],
    ])}
  `;
}

function weightedSum(step) {
  const where = (term) => (term.where ? `${step.origin.layer} ${term.where.join(", ")}` : `${source(step)} ${term.index}`);
  return html`<table class="terms">
    <thead><tr><th>input</th><td>value</td><td>weight</td><td>product</td></tr></thead>
    ${step.terms.map(
      (term) => html`<tr>
        <th>${where(term)}</th>
        <td>${number(term.input)}</td><td>${number(term.weight)}</td><td>${number(term.product)}</td>
      </tr>`,
    )}
    ${step.rest ? html`<tr><th>the other ${step.rest.count}</th><td></td><td></td><td>${number(step.rest.sum)}</td></tr>` : nothing}
    ${step.bias === null ? nothing : html`<tr><th>bias</th><td></td><td></td><td>${number(step.bias)}</td></tr>`}
    <tr data-last><th>together</th><td></td><td></td><td>${number(step.value)}</td></tr>
  </table>`;
}

function windowMaximum(step) {
  const [rows, columns] = step.sources.length > 1 ? step.sources : [[0], step.sources[0]];
  const [y, x] = step.winner.length > 1 ? step.winner : [0, step.winner[0]];
  const ties = step.equals > 1 ? ` ${step.equals} are as large; the first counts.` : "";
  return html`
    <div class="product">${grid(`window of ${source(step)}`, step.values, { winner: [rows.indexOf(y), columns.indexOf(x)] })}</div>
    <p class="of">The largest, at ${step.winner.join(", ")}, goes on: ${number(step.value)}.${ties}</p>
  `;
}

function windowMean(step) {
  return html`
    <div class="product">${grid(`window of ${source(step)}`, step.values)}</div>
    <p class="of">Their sum, divided by ${step.divisor}: ${number(step.value)}.</p>
  `;
}

function normalised({ x, mean, variance, eps, gamma, beta, over, value }) {
  return html`
    <p class="formula">(x − mean) / √(variance + eps) × gamma + beta</p>
    <p class="formula">
      (${number(x)} − ${bracketed(mean)}) / √(${number(variance)} + ${number(eps)}) × ${bracketed(gamma)} + ${bracketed(beta)} = ${number(value)}
    </p>
    <p class="of">Mean and variance are ${over}.</p>
  `;
}

function pointwise({ formula, filled, branch, value }) {
  return html`<p class="formula">${formula}</p><p class="formula">${branch ? `${branch}; ` : ""}${filled} = ${number(value)}</p>`;
}

function moved({ came_from: from, why, value }) {
  return html`<p class="of">${from === null ? "" : `It stood at ${from.join(", ")}. `}${why ? `${why[0].toUpperCase()}${why.slice(1)}: ` : ""}${number(value)}</p>`;
}

function sheared({ slope, shift, columns, pair, weight, value }) {
  return html`<p class="of">The ink leans by ${number(slope)} columns a row, so this row is read ${number(shift)} columns on.</p>
    <p class="formula">
      (1 − ${number(weight)}) × ${number(pair[0])} + ${number(weight)} × ${number(pair[1])} = ${number(value)}
    </p>
    <p class="of">of columns ${columns.join(" and ")}</p>`;
}

function share({ logits, index, powers, value }) {
  const total = powers.reduce((before, each) => before + each, 0);
  return html`<p class="formula">exp(${number(logits[index])} − ${bracketed(Math.max(...logits))}) / ${number(total)} = ${number(value)}</p>`;
}

function bracketed(value) {
  return value < 0 ? `(${number(value)})` : number(value);
}

const FORMS = {
  WindowSum: windowSum,
  WeightedSum: weightedSum,
  WindowMaximum: windowMaximum,
  WindowMean: windowMean,
  Normalised: normalised,
  Pointwise: pointwise,
  Moved: moved,
  Sheared: sheared,
  Share: share,
};

customElements.define("value-arithmetic", ValueArithmetic);
