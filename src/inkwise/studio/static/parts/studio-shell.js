// The frame of the page: the list of views, the model, the theme, saving as a picture, what is being waited for, and
// whether the server is there. A view is a module that is fetched when it is first opened.

import { address } from "../core/address.js";
import { ask } from "../core/api.js";
import { connection } from "../core/connection.js";
import { drawing } from "../core/drawing.js";
import { Element } from "../core/element.js";
import { html, nothing } from "../core/html.js";
import { models } from "../core/models.js";
import { save } from "../core/save.js";
import { tasks } from "../core/tasks.js";
import { theme } from "../core/theme.js";
import { icon } from "./icons.js";
import "./model-chooser.js";

const THEMES = { auto: "As the machine", light: "Light", dark: "Dark" };
const REGAINED = 3000; // milliseconds for which it is said that the server is back

class StudioShell extends Element {
  #views = [];
  #opened = new Map();
  #fault = "";
  #regained = 0;

  async opened() {
    this.replaceChildren();
    for (const source of [address, tasks, theme, models]) this.listen(source, "change", () => this.update());
    this.listen(address, "change", () => this.#open());
    this.listen(connection, "change", () => this.#connected());
    connection.begin();
    await this.#begin();
  }

  async #begin() {
    try {
      const studio = await ask("/api/studio");
      this.#views = studio.views;
      models.take(studio);
      this.#fault = "";
      this.#open();
      await tasks.during("Bringing the drawing back", drawing.restore());
    } catch (error) {
      this.#fault = error.message;
    }
    this.update();
  }

  get #view() {
    return this.#views.find((view) => view.name === address.view) ?? this.#views[0];
  }

  async #open() {
    const view = this.#view;
    if (!view) return;
    if (address.view !== view.name) address.settle(view.name);
    document.title = `${view.title} · Inkwise Studio`;
    if (this.#opened.has(view.name)) return this.update();
    this.#opened.set(view.name, nothing); // on its way
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet" });
    link.href = `/static/views/${view.name}.css`;
    const styled = new Promise((done) => link.addEventListener("load", done));
    document.head.append(link);
    try {
      const module = import(`../views/${view.name}.js`);
      await tasks.during(`Opening ${view.title}`, Promise.all([module, styled]));
      this.#opened.set(view.name, document.createElement((await module).default));
    } catch (error) {
      this.#opened.delete(view.name);
      this.#fault = `${view.title} cannot be opened: ${error.message}`;
    }
    this.update();
  }

  #connected() {
    if (connection.here) {
      this.#regained = performance.now();
      setTimeout(() => this.update(), REGAINED + 50);
      if (!this.#views.length) this.#begin();
    }
    this.update();
  }

  #link(view) {
    const here = view === this.#view;
    return html`<a
      href=${address.of(view.name)}
      title=${view.text}
      aria-current=${here ? "page" : nothing}
      @click=${(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        address.open(view.name);
      }}
      >${icon(view.icon)}<span>${view.title}</span></a
    >`;
  }

  #theme() {
    const order = Object.keys(THEMES);
    const next = order[(order.indexOf(theme.choice) + 1) % order.length];
    return html`<button
      class="quiet"
      title=${`Theme: ${THEMES[theme.choice].toLowerCase()}`}
      aria-label=${`Theme: ${THEMES[theme.choice]}. Change to: ${THEMES[next]}`}
      @click=${() => {
        theme.choice = next;
      }}
    >
      ${icon(theme.choice)}
    </button>`;
  }

  #save() {
    const part = this.querySelector("main > *");
    if (part) tasks.during("Saving the picture", save(part, `inkwise-${this.#view.name}`));
  }

  #banner() {
    if (!connection.here) {
      const text = "The server does not answer. Nothing is lost: this page goes on when it is back.";
      return html`<p class="banner lost" role="alert">${icon("lost")}<span>${text}</span></p>`;
    }
    const fresh = this.#regained && performance.now() - this.#regained < REGAINED;
    return fresh ? html`<p class="banner back" role="status">${icon("here")}<span>The server is back.</span></p>` : nothing;
  }

  template() {
    const view = this.#view;
    const waiting = tasks.shown;
    return html`
      <a class="skip" href="#main" @click=${(event) => (event.preventDefault(), this.querySelector("main").focus())}
        >To the view</a
      >
      <nav aria-label="Views">
        <div>
          <p class="brand"><img src="/static/icon.svg" alt="" width="28" height="28" /><span>Inkwise Studio</span></p>
          ${this.#views.map((each) => this.#link(each))}
        </div>
      </nav>
      <header>
        <h1>${view?.title ?? "Inkwise Studio"}</h1>
        <model-chooser></model-chooser>
        <div class="tools">
          <button class="quiet" title="Save this view as a picture" aria-label="Save this view as a PNG picture" @click=${() => this.#save()}>
            ${icon("save")}
          </button>
          ${this.#theme()}
        </div>
        <div class="waiting" role="status" ?data-on=${waiting.length > 0}>
          <span>${waiting.length ? `${waiting.join(", ")} …` : ""}</span>
        </div>
      </header>
      ${this.#banner()}
      <main id="main" tabindex="-1">
        ${this.#fault ? html`<p class="fault" role="alert">${this.#fault}</p>` : nothing}
        ${view ? this.#opened.get(view.name) : nothing}
      </main>
      <p id="announcements" role="status"></p>
    `;
  }
}

customElements.define("studio-shell", StudioShell);
