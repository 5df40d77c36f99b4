// The view Read: a page with its numbers on it, the stages of the reading, the lines as text, and the digit that is
// looked at, which can be put right by hand.

import { address } from "../core/address.js";
import { announce } from "../core/announce.js";
import { Element } from "../core/element.js";
import { html, nothing, vars } from "../core/html.js";
import { models } from "../core/models.js";
import { count } from "../core/numbers.js";
import { paper } from "../core/paper.js";
import { icon } from "../parts/icons.js";
import "../parts/digit-card.js";
import "../parts/page-sheet.js";

const NAMES = { page: "Page", light: "Light", ink: "Ink", pieces: "Pieces", lines: "Lines" };
const SIGNS = {
  page: "M6 3h9l4 4v14H6z M15 3v4h4",
  camera: "M4 8h4l1.5-2.500h5L16 8h4v11H4z M12 10a3.2 3.2 0 1 0 0 6.400a3.2 3.2 0 0 0 0-6.400z",
  sample: "M6 3h12v18H6z M9 8h6 M9 12h6 M9 16h3",
};

class ReadView extends Element {
  #over = false; // whether a file is held over the page
  #told = null; // the reading that was announced

  opened() {
    this.listen(paper, "change", () => this.#changed());
    this.listen(models, "change", () => paper.follow());
    this.listen(address, "change", () => (paper.follow(), this.update()));
    this.listen(document, "paste", (event) => this.#pasted(event));
    this.listen(this, "digit", ({ detail }) => this.#choose(detail));
    this.listen(this, "dragover", (event) => this.#dragged(event, true));
    this.listen(this, "dragleave", (event) => event.relatedTarget || this.#dragged(event, false));
    this.listen(this, "drop", (event) => this.#dropped(event));
    if (paper.name === "") paper.restore();
    else paper.settle();
    paper.follow();
  }

  get #chosen() {
    const place = Number.parseInt(address.get("digit-at") ?? "", 10);
    return place >= 0 && place < paper.digits.length ? place : null;
  }

  get #stage() {
    return address.get("stage", "page");
  }

  #changed() {
    this.update();
    if (paper.read === null || this.#told === paper.read) return;
    this.#told = paper.read;
    const { lines, reason } = paper.read.page;
    announce(lines.length ? `${lines.length} lines: ${lines.map((line) => line.text).join("; ")}` : reason);
  }

  #choose(place) {
    address.set({ "digit-at": String(place) });
    this.updateNow();
    const sheet = this.querySelector("page-sheet");
    sheet.updateNow();
    sheet.focusDigit();
  }

  // What is given

  #take(file) {
    if (!file) return;
    address.set({ "digit-at": null });
    paper.take(file, file.name || "pasted");
  }

  #pasted(event) {
    const file = event.clipboardData?.files[0];
    if (!file) return;
    event.preventDefault();
    this.#take(file);
  }

  #dragged(event, over) {
    event.preventDefault();
    if (this.#over === over) return;
    this.#over = over;
    this.update();
  }

  #dropped(event) {
    this.#dragged(event, false);
    this.#take(event.dataTransfer.files[0]);
  }

  #download(kind) {
    const type = kind === "csv" ? "text/csv" : "application/json";
    const url = URL.createObjectURL(new Blob([paper.now[kind]], { type }));
    const name = `${paper.name.replace(/\.[^.]*$/, "") || "page"}.${kind}`;
    Object.assign(document.createElement("a"), { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }

  // What is seen

  template() {
    return html`
      <div class="bar card" data-unsaved>
        ${this.#chooser("Choose a page", SIGNS.page, false)} ${this.#chooser("Photograph", SIGNS.camera, true)}
        <button @click=${() => (address.set({ "digit-at": null }), paper.takeSample())}>${icon(SIGNS.sample)}Sample page</button>
        ${paper.name && paper.read ? this.#pages() : nothing}
      </div>
      ${paper.fault ? html`<p class="fault" role="alert">${icon("warn")}<span>${paper.fault}</span></p>` : nothing}
      ${paper.read ? this.#desk() : this.#invitation()}
    `;
  }

  #chooser(text, sign, photograph) {
    return html`<label class="button ${photograph ? "camera" : ""}">
      ${icon(sign)}${text}
      <input
        class="hidden"
        type="file"
        accept="image/*"
        capture=${photograph ? "environment" : nothing}
        @change=${(event) => (this.#take(event.target.files[0]), (event.target.value = ""))}
      />
    </label>`;
  }

  #pages() {
    const { pages } = paper.read;
    if (pages < 2) return nothing;
    return html`<label>Page
      <select @change=${(event) => paper.turnTo(Number(event.target.value))}>
        ${[...Array(pages).keys()].map((each) => html`<option value=${each + 1} .selected=${each + 1 === paper.number}>${each + 1} of ${pages}</option>`)}
      </select></label>`;
  }

  #invitation() {
    const said = paper.busy
      ? `Reading ${paper.name} …`
      : html`Drop a photograph or a scan of a page here<small>or choose one, paste it with Ctrl+V, or take the sample page</small>`;
    return html`<div class="card invitation" ?data-over=${this.#over} ?data-busy=${paper.busy} role="status"><p>${said}</p></div>`;
  }

  #desk() {
    const { page } = paper.now ?? paper.read;
    return html`<div class="desk" ?data-over=${this.#over}>
      <section class="card" aria-label="The page">
        ${this.#stages()}
        <div class="scroll" data-zoom=${address.get("zoom", "1")}>
          <page-sheet .sheet=${this.#shown} ${vars({ shape: page.size[0] / page.size[1] })}></page-sheet>
        </div>
        ${this.#caption()}
      </section>
      <div class="side">
        <section class="card" aria-labelledby="numbers">
          <h2 id="numbers">${paper.name}</h2>
          ${page.lines.length ? this.#lines() : html`<p class="hint">${sentence(page.reason)}.</p>`}
        </section>
        ${page.lines.length
          ? html`<section class="card" aria-label="The digit that is looked at">
              <digit-card .place=${this.#chosen}></digit-card>
            </section>`
          : nothing}
      </div>
    </div>`;
  }

  get #shown() {
    return { chosen: this.#chosen, stage: this.#stage, bare: address.get("frames") === "no" };
  }

  #stages() {
    const there = ["page", ...paper.stages.map((each) => each.name).filter((name) => name !== "page")];
    return html`<div class="stages" data-unsaved>
      <div class="switch" role="group" aria-label="Stage of the reading">
        ${there.map(
          (name) => html`<button
            aria-pressed=${name === this.#stage ? "true" : "false"}
            @click=${() => address.set({ stage: name === "page" ? null : name })}
          >
            ${NAMES[name] ?? name}
          </button>`,
        )}
      </div>
      <label><input type="checkbox" .checked=${address.get("frames") !== "no"}
        @change=${(event) => address.set({ frames: event.target.checked ? null : "no" })} /> Frames</label>
      <button @click=${() => address.set({ zoom: address.get("zoom") ? null : "2" })} aria-pressed=${address.get("zoom") ? "true" : "false"}>
        ${address.get("zoom") ? "Smaller" : "Larger"}
      </button>
    </div>`;
  }

  #caption() {
    const stage = paper.stages.find((each) => each.name === this.#stage);
    const time = `read in ${paper.read.seconds.toFixed(paper.read.seconds < 10 ? 1 : 0)} seconds`;
    return html`<p class="caption">${stage ? sentence(stage.text) : ""}${this.#stage === "page" ? `${stage ? "; " : ""}${time}` : ""}.</p>`;
  }

  #lines() {
    const shown = paper.now ?? paper.read;
    const unsure = paper.digits.filter((digit) => !digit.accepted).length;
    let place = -1;
    return html`<ol class="lines">
        ${shown.page.lines.map((line, row) => {
          const signs = [...line.text].map((sign) => {
            if (sign === " ") return " ";
            place += 1;
            return this.#sign(sign, place);
          });
          return html`<li><span class="text">${signs}</span><span class="sure">${shown.said[row].line}</span></li>`;
        })}
      </ol>
      <p class="about">
        ${count(paper.digits.length)} digits${unsure ? html`, <b>${unsure} of them not clear (?)</b>` : ""}. Beside a line:
        the chance that all of it is right.
      </p>
      <div class="files" data-unsaved>
        <button ?disabled=${paper.now === null} @click=${() => this.#download("csv")}>${icon("save")}CSV</button>
        <button ?disabled=${paper.now === null} @click=${() => this.#download("json")}>${icon("save")}JSON</button>
        <small>as <code>inkwise read</code> writes them</small>
      </div>`;
  }

  #sign(sign, place) {
    const state = paper.isFixed(place) ? "fixed" : sign === "?" ? "unsure" : "";
    return html`<span class=${state} ?data-chosen=${place === this.#chosen} @click=${() => this.#choose(place)}>${sign}</span>`;
  }
}

function sentence(words) {
  return words[0].toUpperCase() + words.slice(1);
}

customElements.define("read-view", ReadView);
export default "read-view";
