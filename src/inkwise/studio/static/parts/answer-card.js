// The answer: what is read and how sure, or why it is not accepted, and a bar for every class. It shows what the server
// said, to the letter.

import { Element } from "../core/element.js";
import { html, nothing, vars } from "../core/html.js";
import { icon } from "./icons.js";

class AnswerCard extends Element {
  #answer = null;
  #model = null;
  #waiting = false;

  /** What the server answered; null where there is nothing to answer, or where it is `waiting` for the server. */
  show(answer, model, waiting = false) {
    this.#answer = answer;
    this.#model = model;
    this.#waiting = waiting;
    this.updateNow();
  }

  template() {
    const answer = this.#answer;
    const drawn = answer !== null && !answer.blank;
    const state = !drawn ? "blank" : answer.accepted ? "accepted" : "refused";
    return html`
      <div class="verdict" data-state=${state}>
        <p class="glyph" data-long=${drawn && answer.label.length > 2 ? "" : nothing}>${drawn ? answer.label : "·"}</p>
        <div>${this.#verdict(state, answer)}</div>
      </div>
      <ol class="bars" ?data-few=${(answer?.classes.length ?? 10) < 5} aria-label="Probability of each class">
        ${(answer?.classes ?? BLANK).map((each) => this.#bar(each, drawn, drawn && each.name === answer.label))}
      </ol>
      ${answer?.kinds.length
        ? html`<h3>Is it one digit at all?</h3>
            <ol class="bars kinds" aria-label="Chance of each kind of picture">
              ${answer.kinds.map((each, index) => this.#bar(each, drawn, index === 0))}
            </ol>`
        : nothing}
      ${this.#untrained()}
      ${drawn ? html`<p class="model">Normalised and answered in ${Math.max(1, Math.round(1000 * answer.seconds))} ms by ${this.#model?.name}</p>` : nothing}
    `;
  }

  #verdict(state, answer) {
    if (this.#waiting) return html`<strong>No answer yet</strong><span>It comes when the server is back.</span>`;
    if (state === "blank") {
      const said = answer === null ? "Nothing drawn yet" : sentence(answer.reason);
      return html`<strong>${said}</strong><span>${answer?.because || "The answer comes as you draw."}</span>`;
    }
    if (state === "accepted") return html`<strong>Read as ${answer.label}</strong><span>${answer.said} sure</span>`;
    return html`<strong>${icon("warn")} ${sentence(answer.reason)}</strong><span>${answer.because}</span>`;
  }

  #untrained() {
    if (this.#model?.kind !== "recipe") return nothing;
    return html`<p class="hint">
      This network has learned nothing yet: its weights are the random ones that training begins with. Train it with
      <code>inkwise train ${this.#model.name}</code>, or choose another model.
    </p>`;
  }

  #bar({ name, probability, said }, drawn, best) {
    return html`<li ?data-best=${best && drawn} ${vars({ share: drawn ? probability : 0 })}>
      <b>${name}</b><i></i><span>${drawn ? said : ""}</span>
    </li>`;
  }
}

const BLANK = [..."0123456789"].map((name) => ({ name, probability: 0, said: "" }));

function sentence(words) {
  return words ? words[0].toUpperCase() + words.slice(1) : "";
}

customElements.define("answer-card", AnswerCard);
