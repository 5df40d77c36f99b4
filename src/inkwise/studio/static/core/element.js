// The base of every custom element here: it renders `template()` into itself, at most once a turn, and forgets what it
// listens to when it leaves the page.

import { render } from "./html.js";

export class Element extends HTMLElement {
  #asked = false;
  #left = null;

  connectedCallback() {
    this.#left = new AbortController();
    this.opened();
    this.update();
  }

  disconnectedCallback() {
    this.#left.abort();
    this.closed();
  }

  /** What to do when the element comes into the page. */
  opened() {}

  /** What to do when it leaves. */
  closed() {}

  /** What it shows; a subclass has its own. */
  template() {
    return null;
  }

  /** What to do after it was rendered: painting on canvases, say. */
  painted() {}

  /** Listen to `target` as long as the element is in the page. */
  listen(target, type, handler, options = {}) {
    target.addEventListener(type, handler, { ...options, signal: this.#left.signal });
  }

  /** Ask for a new rendering. */
  update() {
    if (this.#asked) return;
    this.#asked = true;
    queueMicrotask(() => this.updateNow());
  }

  updateNow() {
    this.#asked = false;
    if (!this.isConnected) return;
    render(this.template(), this);
    this.painted();
  }
}
