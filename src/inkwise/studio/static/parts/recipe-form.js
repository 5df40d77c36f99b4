// A recipe's fields as a form that its JSON schema makes, each with the recipe's own help. Tells "fields" with those
// that are set otherwise, and "start". What is wrong with them is said in the recipe's words.

import { ask } from "../core/api.js";
import { Element } from "../core/element.js";
import { html, live, nothing } from "../core/html.js";
import { Latest } from "../core/latest.js";
import { tasks } from "../core/tasks.js";
import { icon } from "./icons.js";

const FIRST = ["dataset", "epochs", "batch_size", "optimizer.lr", "seed"]; // seen without unfolding
const GROUPS = [
  ["Data", ["positive", "validation", "negatives", "rewritten", "shuffle"]],
  ["Network", ["network", "pixels"]],
  ["Optimiser", /^optimizer\./],
  ["Schedule", /^schedule\./],
  ["Augmentation", /^augmentation\./],
];

class RecipeForm extends Element {
  #given = { recipe: "", set: {}, recipes: [], datasets: [] };
  #form = null;
  #fault = "";
  #fine = "";

  #forms = new Latest(
    (recipe) => tasks.during("Reading the recipe", ask("/api/train/form", { query: { recipe } })),
    (form) => {
      this.#form = form;
      this.#check();
      this.update();
    },
    (error) => this.#told(error),
  );
  #checks = new Latest(
    (recipe, fields) => ask("/api/train/check", { json: { recipe, fields } }),
    () => this.#say(""),
    (error) => this.#told(error),
  );

  /** Show the form of a recipe with the fields that are set. */
  show(given) {
    const other = given.recipe !== this.#given.recipe;
    const changed = JSON.stringify(given.set) !== JSON.stringify(this.#given.set);
    this.#given = given;
    if (other && given.recipe) this.#forms.run(given.recipe);
    else if (changed) this.#check();
    this.update();
  }

  /** Say what went wrong when it was started. */
  tell(message) {
    this.#say(message);
  }

  #check() {
    this.#checks.run(this.#given.recipe, this.#given.set);
  }

  #told(error) {
    this.#say(error.kind === "Lost" ? "" : error.message);
  }

  #say(message) {
    this.#fault = message;
    this.update();
  }

  #put(field, value) {
    const set = { ...this.#given.set };
    if (value === field.value) delete set[field.name];
    else set[field.name] = value;
    this.dispatchEvent(new CustomEvent("fields", { bubbles: true, detail: { set } }));
  }

  #choose(recipe) {
    this.dispatchEvent(new CustomEvent("fields", { bubbles: true, detail: { recipe, set: {} } }));
  }

  #fields(which) {
    const known = this.#form?.fields ?? [];
    return known.filter(({ name }) => (which instanceof RegExp ? which.test(name) && !FIRST.includes(name) : which.includes(name)));
  }

  #rest() {
    const grouped = (name) => FIRST.includes(name) || GROUPS.some(([, which]) => (which instanceof RegExp ? which.test(name) : which.includes(name)));
    return (this.#form?.fields ?? []).filter(({ name }) => !grouped(name));
  }

  #row(field) {
    const value = this.#given.set[field.name] ?? field.value;
    const id = `field-${field.name}`;
    return html`<div class="field" ?data-set=${field.name in this.#given.set}>
      <label for=${id}>${label(field.name)}</label>
      ${this.#input(field, value, id)}
      <small id=${`${id}-help`}>${field.help}</small>
    </div>`;
  }

  #input(field, value, id) {
    const { schema, accepts } = field;
    const change = (event) => this.#put(field, event.target.value.trim());
    const help = `${id}-help`;
    if (schema.enum) {
      return html`<select id=${id} aria-describedby=${help} @change=${change}>
        ${schema.enum.map((each) => html`<option .selected=${each === value}>${each}</option>`)}
      </select>`;
    }
    if (schema.type === "boolean") {
      return html`<input id=${id} type="checkbox" aria-describedby=${help} .checked=${live(value === "true")} @change=${(event) => this.#put(field, String(event.target.checked))} />`;
    }
    if (field.name === "network") {
      return html`<textarea id=${id} rows="7" spellcheck="false" title=${accepts} aria-describedby=${help} .value=${live(value.split(/,\s*/).join("\n"))} @change=${(event) => this.#put(field, event.target.value.trim().split(/\s*\n\s*/).join(", "))}></textarea>`;
    }
    const mode = ["integer", "number"].includes(schema.type) ? "decimal" : "text";
    return html`<input id=${id} type="text" inputmode=${mode} spellcheck="false" title=${accepts} aria-describedby=${help} list=${field.name === "dataset" ? "datasets" : nothing} .value=${live(value)} @change=${change} />`;
  }

  #start(event) {
    event.preventDefault();
    this.dispatchEvent(new CustomEvent("start", { bubbles: true, detail: { recipe: this.#given.recipe, fields: this.#given.set } }));
  }

  template() {
    const { recipe, recipes, datasets, set } = this.#given;
    const changed = Object.keys(set).length;
    return html`<form @submit=${(event) => this.#start(event)} novalidate>
      <div class="field">
        <label for="recipe">Recipe</label>
        <select id="recipe" @change=${(event) => this.#choose(event.target.value)}>
          ${recipes.map(({ name, title }) => html`<option value=${name} title=${title} .selected=${name === recipe}>${name}</option>`)}
        </select>
        <small>${recipes.find(({ name }) => name === recipe)?.title ?? ""}</small>
      </div>
      <datalist id="datasets">${datasets.map((name) => html`<option value=${name}></option>`)}</datalist>
      ${this.#fields(FIRST).map((field) => this.#row(field))}
      ${GROUPS.map(([title, which]) => this.#group(title, this.#fields(which)))} ${this.#group("More", this.#rest())}
      ${this.#fault ? html`<p class="fault" role="alert">${icon("warn")}<span>${this.#fault}</span></p>` : nothing}
      <div class="actions">
        <button class="go" type="submit" ?disabled=${!recipe}>Start training</button>
        ${changed ? html`<button type="button" @click=${() => this.#choose(recipe)}>As the recipe has it</button>` : nothing}
      </div>
    </form>`;
  }

  #group(title, fields) {
    const changed = fields.filter(({ name }) => name in this.#given.set).length;
    return html`<details>
      <summary>${title}${changed ? html`<small>${changed} changed</small>` : nothing}</summary>
      ${fields.map((field) => this.#row(field))}
    </details>`;
  }
}

/** "optimizer.weight_decay" as "weight decay". */
function label(name) {
  return name.split(".").at(-1).replaceAll("_", " ").replace(/^lr$/, "learning rate").replace(/^rest lr$/, "rest learning rate");
}

customElements.define("recipe-form", RecipeForm);
