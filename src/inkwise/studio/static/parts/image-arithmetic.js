// What happens at one place of the image lab, in numbers.

import { html } from "../core/html.js";
import { factor, tidy } from "../core/tidy.js";
import { numberGrid } from "./number-grid.js";

export function imageArithmetic(told, place) {
  return told.operation === "transposed" ? spread(told, place) : sum(told, place);
}

function sum({ setting, input, lies, operation }, { at, origin, patch, products, total }) {
  const [high, wide] = [input.length, input[0].length];
  const out = (y, x) => {
    const [row, column] = [origin[0] + y * setting.dilation[0], origin[1] + x * setting.dilation[1]];
    return row < 0 || column < 0 || row >= high || column >= wide;
  };
  const turned = operation === "convolution" ? "kernel, turned" : "kernel";
  const same = patch.length !== lies.length || patch[0].length !== lies[0].length;
  return html`<h2>At row ${at[0]}, column ${at[1]}</h2>
    <div class="product" ?data-old=${same}>
      ${numberGrid("window", patch, { out })}<b>×</b>${numberGrid(turned, lies)}<b>=</b>${numberGrid("products", products, { out })}
      <p class="total"><span>their sum</span><strong>${tidy(total)}</strong></p>
    </div>`;
}

function spread({ kernel }, { at, origin, products, value }) {
  return html`<h2>The value at row ${at[0]}, column ${at[1]}</h2>
    <div class="product">
      <p class="total"><span>the value</span><strong>${tidy(value)}</strong></p>
      <b>×</b>${numberGrid("kernel", kernel)}<b>=</b>${numberGrid("what it adds", products)}
    </div>
    <p class="note">
      ${factor(value)} times the kernel is added to the result from row ${tidy(origin[0])}, column ${tidy(origin[1])} on; where such
      squares overlap they add up.
    </p>`;
}
