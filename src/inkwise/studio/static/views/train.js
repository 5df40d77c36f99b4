// The view Train: a recipe's form, the runs with what they tell as they go, their curves, and a run's epochs over again.

import { address } from "../core/address.js";
import { announce } from "../core/announce.js";
import { ask } from "../core/api.js";
import { connection } from "../core/connection.js";
import { Element } from "../core/element.js";
import { html, nothing } from "../core/html.js";
import { models } from "../core/models.js";
import { tasks } from "../core/tasks.js";
import { trainings } from "../core/trainings.js";
import "../parts/epoch-replay.js";
import "../parts/recipe-form.js";
import "../parts/run-curves.js";
import "../parts/run-list.js";

const FIRST = "small-cnn";

class TrainView extends Element {
  #choices = { recipes: [], datasets: [] };
  #fault = "";
  #learning = new Set(); // runs that were in training when last looked at

  opened() {
    this.listen(address, "change", () => this.#changed());
    this.listen(trainings, "change", () => this.#moved());
    this.listen(connection, "change", () => connection.here && !this.#choices.recipes.length && this.#fetch());
    trainings.enter();
    this.#fetch();
    this.#changed();
  }

  closed() {
    trainings.leave();
  }

  async #fetch() {
    try {
      this.#choices = await ask("/api/train/recipes");
    } catch (error) {
      this.#fault = error.kind === "Lost" ? "" : error.message;
    }
    this.update();
  }

  // The state, as the address has it

  get #set() {
    const words = (address.get("set") ?? "").split(";").filter(Boolean);
    return Object.fromEntries(words.map((word) => [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)]));
  }

  get #shown() {
    const given = address.get("runs");
    if (given !== null) return given.split(",").filter((name) => name && name !== "none");
    return trainings.list.slice(0, 1).map((each) => each.run);
  }

  get #picked() {
    return address.get("run") ?? this.#shown.find((name) => trainings.about(name)?.recipe) ?? "";
  }

  #changed() {
    trainings.follow([...new Set([...this.#shown, this.#picked].filter(Boolean))]);
    this.update();
  }

  #moved() {
    for (const each of trainings.list) {
      const { state } = trainings.about(each.run) ?? each;
      if (state === "running") this.#learning.add(each.run);
      else if (this.#learning.delete(each.run)) models.refresh().catch(() => null); // it can be chosen now
    }
    this.#changed();
  }

  #fields({ recipe = this.#recipe, set }) {
    const words = Object.entries(set).map(([name, value]) => `${name}=${value}`);
    address.set({ recipe: recipe === FIRST ? null : recipe, set: words.join(";") });
  }

  get #recipe() {
    return address.get("recipe", FIRST);
  }

  // What is done

  async #start(wanted) {
    try {
      const { run } = await tasks.during("Starting the training", ask("/api/train/start", { json: wanted }));
      announce(`Training ${run} was started`);
      address.set({ runs: [run, ...this.#shown.filter((name) => name !== run)].slice(0, 6).join(","), run });
      await trainings.refresh();
    } catch (error) {
      this.querySelector("recipe-form").tell(error.message);
    }
  }

  async #act({ run, what }) {
    this.#fault = "";
    const label = what === "stop" ? "Stopping the training" : "Resuming the training";
    try {
      await tasks.during(label, ask(`/api/train/${what}`, { query: { run }, body: new Uint8Array() }));
      await trainings.refresh();
    } catch (error) {
      this.#fault = error.message;
    }
    this.update();
  }

  painted() {
    const epoch = address.get("epoch");
    const at = epoch === null ? null : Number(epoch);
    this.querySelector("recipe-form").show({ recipe: this.#recipe, set: this.#set, ...this.#choices });
    this.querySelector("run-list").show(this.#shown, this.#picked);
    this.querySelector("run-curves")?.show(this.#shown, at);
    this.querySelector("epoch-replay")?.show(this.#picked, at);
  }

  template() {
    return html`
      <div class="desk">
        <section class="card form" aria-labelledby="new-training" @fields=${({ detail }) => this.#fields(detail)} @start=${({ detail }) => this.#start(detail)}>
          <h2 id="new-training">New training</h2>
          <recipe-form></recipe-form>
        </section>
        <div class="right">
          ${this.#fault ? html`<p class="fault" role="alert">${this.#fault}</p>` : nothing}
          <section
            class="card"
            aria-labelledby="runs"
            @shown=${({ detail }) => address.set({ runs: detail.join(",") || "none" })}
            @picked=${({ detail }) => address.set({ run: detail, epoch: null })}
            @act=${({ detail }) => this.#act(detail)}
          >
            <h2 id="runs">Runs</h2>
            <run-list></run-list>
          </section>
          ${this.#shown.length ? html`<section class="card" aria-label="Curves"><run-curves></run-curves></section>` : nothing}
          ${this.#picked
            ? html`<section class="card" aria-label="Epochs" @epoch=${({ detail }) => address.set({ epoch: String(detail) })}>
                <epoch-replay></epoch-replay>
              </section>`
            : nothing}
        </div>
      </div>
    `;
  }
}

customElements.define("train-view", TrainView);
export default "train-view";
