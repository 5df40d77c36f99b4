// What can be chosen in the image lab: the image, the operation, how the kernel slides.

import { html, nothing } from "../core/html.js";
import { choiceRow, counter } from "./choice-row.js";
import "./drawing-pad.js";

const SOURCES = [
  ["drawing", "Digit", "The drawing in the form that networks see"],
  ["picture", "Picture", "The drawing or a pasted picture as it is, made smaller"],
  ["numbers", "Numbers", "Rows that are typed"],
];
const OPERATIONS = [
  ["correlation", "Correlation", "The kernel as it is written; what networks compute"],
  ["convolution", "Convolution", "The kernel turned by 180 degrees first"],
  ["transposed", "Transposed", "Each value of the image spread by the kernel"],
];
const MODES = [
  ["valid", "Valid", "only where all of the kernel lies on the image"],
  ["same", "Same", "as large as the image, divided by the stride"],
  ["full", "Full", "every place where the two meet"],
  ["number", "By number", "so many values on every side"],
];

export function imageControls(lab, choices) {
  const given = lab.query;
  const mode = given.padding === "" ? given.mode : "number";
  const names = choices?.padding_modes ?? [];
  return html`
    ${choiceRow("Image", SOURCES, given.source, (source) => lab.set({ source }))}
    ${given.source === "numbers" ? numbers(lab, given.image) : html`<drawing-pad></drawing-pad>`}
    <kernel-editor></kernel-editor>
    ${choiceRow("Operation", OPERATIONS, given.operation, (operation) => lab.set({ operation }))}
    ${choiceRow("Padding", MODES, mode, (value) =>
      value === "number" ? lab.set({ padding: "1", mode: "valid" }) : lab.set({ padding: "", mode: value }),
    )}
    <div class="counters">
      ${mode === "number" ? counter("Padding", given.padding, [0, 16], (padding) => lab.set({ padding })) : nothing}
      ${mode === "valid"
        ? nothing
        : html`<label class="counter" title="What stands beside the image"
            ><span>Filled with</span
            ><select @change=${(event) => lab.set({ padding_mode: event.target.value })}>
              ${names.map((name) => html`<option value=${name} .selected=${name === given.padding_mode}>${name}</option>`)}
            </select></label
          >`}
      ${counter("Stride", given.stride, [1, 16], (stride) => lab.set({ stride }), "Steps between two places")}
      ${counter("Dilation", given.dilation, [1, 16], (dilation) => lab.set({ dilation }), "Steps between two values of the kernel")}
    </div>
  `;
}

function numbers(lab, text) {
  return html`<label class="rows"
    ><span class="hidden">The image as numbers, a row in each line</span
    ><textarea
      rows="6"
      spellcheck="false"
      .value=${text.split(";").map((row) => row.trim()).join("\n")}
      @change=${(event) => lab.set({ image: event.target.value.trim().split("\n").map((row) => row.trim()).join("; ") })}
    ></textarea
  ></label>`;
}
