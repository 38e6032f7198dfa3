/** Vexy's marks that stand on no line: notes and badges above a panel, in words, with a colour and a sign of what they mean. */

import { make } from "./dom.js";

const SIGNS = { up: "▲", down: "▼", neutral: "●", warning: "▲", urgent: "■" };

/** A line of notes for one widget, kept as its marks change. */
export function notesOf(store, widget, wanted = () => true) {
  const element = make("div", { class: "notes", hidden: true });
  store.subscribe("marks", (marks) => {
    const mine = (marks ?? []).filter((mark) => mark.widget === widget && wanted(mark));
    element.hidden = !mine.length;
    element.replaceChildren(...mine.map(note));
  });
  return element;
}

/** The notes of a chart that stand at no price, those that warn and the others. */
export function looseNotes(marks, widget) {
  const mine = marks.filter((mark) => mark.widget === widget && mark.target.type === "metric");
  const warns = ({ colour }) => colour === "warning" || colour === "urgent";
  return [mine.filter(warns).map(note), mine.filter((mark) => !warns(mark)).map(note)];
}

function note(mark) {
  const sign = make("span", { "aria-hidden": "true" }, SIGNS[mark.colour] ?? SIGNS.neutral);
  const attributes = { type: "button", class: `note is-${mark.kind} colour-${mark.colour} ${mark.state}`, "data-explain": `annotation:${mark.id}` };
  return make("button", attributes, sign, " ", mark.label);
}
