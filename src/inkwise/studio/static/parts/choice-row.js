// A few things of which one is chosen, side by side: radio buttons, so that the arrow keys work and readers know them.

import { html } from "../core/html.js";

/** `options` is a list of [value, words, title]. */
export function choiceRow(label, options, chosen, choose) {
  const name = `choice-${label}`;
  return html`<fieldset class="choice">
    <legend>${label}</legend>
    <div>
      ${options.map(
        ([value, words, title = ""]) => html`<label title=${title}>
          <input type="radio" name=${name} .checked=${value === chosen} @change=${() => choose(value)} /><span>${words}</span>
        </label>`,
      )}
    </div>
  </fieldset>`;
}

/** A whole number with its label. */
export function counter(label, value, [least, most], change, title = "") {
  return html`<label class="counter" title=${title}>
    <span>${label}</span>
    <input
      type="number"
      min=${least}
      max=${most}
      .value=${String(value)}
      @change=${(event) => change(Math.max(least, Math.min(most, Math.round(event.target.valueAsNumber) || least)))}
    />
  </label>`;
}
