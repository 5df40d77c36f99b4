// The runs: how each stands, whether its curves are shown, and what can be done with it. Tells "shown" with the names of
// those whose curves are, "picked" with the one to replay, "act" with {run, what}.

import { address } from "../core/address.js";
import { Element } from "../core/element.js";
import { html, nothing, repeat, vars } from "../core/html.js";
import { count } from "../core/numbers.js";
import { percent, period } from "../core/periods.js";
import { trainings } from "../core/trainings.js";

const STATES = { starting: "starting", running: "in training", finished: "finished", stopped: "stopped", failed: "failed" };
const MANY = 8; // seen at once; the others are unfolded

class RunList extends Element {
  #shown = [];
  #picked = "";
  #all = false;

  opened() {
    this.listen(trainings, "change", () => this.update());
  }

  show(shown, picked) {
    [this.#shown, this.#picked] = [shown, picked];
    this.update();
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { bubbles: true, detail }));
  }

  #toggle(name, on) {
    this.#tell("shown", on ? [...this.#shown, name] : this.#shown.filter((each) => each !== name));
  }

  template() {
    const { list } = trainings;
    if (!list.length) return html`<p class="note">No run yet: start a training here, or with <code>inkwise train</code>.</p>`;
    const head = list.filter((each, index) => this.#all || index < MANY || this.#shown.includes(each.run));
    return html`<ol class="runs">
        ${repeat(head, (each) => each.run, (each) => this.#run(trainings.about(each.run)))}
      </ol>
      ${head.length < list.length || this.#all
        ? html`<button class="more" @click=${() => ((this.#all = !this.#all), this.update())}>${this.#all ? "Fewer" : `All ${list.length} runs`}</button>`
        : nothing}`;
  }

  #run(about) {
    const { run, state } = about;
    const shown = this.#shown.indexOf(run);
    const share = about.steps ? about.step / about.steps : 0;
    return html`<li data-state=${state} ?data-picked=${run === this.#picked} ${vars({ share: share.toFixed(4) })}>
      <label class="name" title="Show its curves">
        <input type="checkbox" .checked=${shown >= 0} @change=${(event) => this.#toggle(run, event.target.checked)} />
        <i class="swatch" data-colour=${shown < 0 ? nothing : shown % 6}></i>
        <strong>${run}</strong>
        <span class="state">${STATES[state]}</span>
      </label>
      <p class="numbers-line">${this.#numbers(about)}</p>
      ${state === "running" ? html`<div class="progress" role="progressbar" aria-label=${`Progress of ${run}`} aria-valuenow=${Math.round(100 * share)} aria-valuemin="0" aria-valuemax="100"><i></i></div>` : nothing}
      ${about.said ? html`<p class="fault" role="alert">${about.said}</p>` : nothing}
      <div class="acts" data-unsaved>
        ${state === "running" ? html`<button @click=${() => this.#tell("act", { run, what: "stop" })}>Stop</button>` : nothing}
        ${state === "stopped" || (state === "failed" && about.recipe) ? html`<button @click=${() => this.#tell("act", { run, what: "resume" })}>Resume</button>` : nothing}
        ${about.recipe ? html`<button aria-pressed=${run === this.#picked} @click=${() => this.#tell("picked", run)}>Epochs</button>` : nothing}
        ${about.recipe && about.step ? html`<button @click=${() => this.#open(run)}>Draw</button>` : nothing}
      </div>
    </li>`;
  }

  #open(run) {
    address.set({ model: `run:${run}` });
    address.open("draw");
  }

  #numbers(about) {
    const { rows = [], state, epochs, step, per_epoch: per, left, speed, test, recipe, dataset } = about;
    if (!recipe) return "";
    const row = rows.find((each) => each.split !== "train") ?? rows.at(-1);
    const parts = [];
    if (recipe !== about.run) parts.push(recipe);
    parts.push(dataset);
    if (test) parts.push(`${percent(test.accuracy)} of ${test.dataset} ${test.split ?? "test"}`);
    else if (row) parts.push(`${row.split} loss ${row.loss.toFixed(4)}, accuracy ${percent(row.accuracy)}`);
    if (state !== "finished") parts.push(`epoch ${Math.floor(step / per)} of ${epochs}`);
    if (state === "running" && speed) parts.push(`${count(speed)} images/s`);
    if (state === "running" && left !== null && left !== undefined) parts.push(`${period(left)} left`);
    return parts.join(" · ");
  }
}

customElements.define("run-list", RunList);
