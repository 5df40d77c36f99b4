// Templates: lit-html as the project uses it. The page's Content-Security-Policy forbids style attributes in markup, so
// numbers reach the style sheet as custom properties: html`<div ${vars({ share: 0.4 })}>` sets --share.

import { Directive, directive } from "../vendor/lit-html/directive.js";

export { html, nothing, render, svg } from "../vendor/lit-html/lit-html.js";
export { live } from "../vendor/lit-html/directives/live.js";
export { repeat } from "../vendor/lit-html/directives/repeat.js";

class Vars extends Directive {
  update(part, [values]) {
    for (const [name, value] of Object.entries(values)) part.element.style.setProperty(`--${name}`, String(value));
  }
}

export const vars = directive(Vars);
