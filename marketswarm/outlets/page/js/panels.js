/** The panels that are modules of their own: where each stands, and who draws it by mount(element, store). */

import * as annotations from "./annotations.js";
import * as gamma from "./charts/gamma.js";
import * as smile from "./charts/smile.js";
import * as spot from "./charts/spot.js";
import * as events from "./events.js";
import * as explain from "./explain.js";
import * as latest from "./latest.js";
import * as messages from "./messages.js";

export const PANELS = [
  ["panel-latest", latest.mount],
  ["panel-spot", spot.mount],
  ["panel-gamma", gamma.mount],
  ["panel-smile", smile.mount],
  ["panel-messages", messages.mount],
  ["panel-events", events.mount],
];

/** What belongs to no panel alone. */
const EVERYWHERE = [annotations.mount, explain.mount];

export function mountPanels(store) {
  const all = [...PANELS.map(([id, mount]) => [document.getElementById(id), mount]), ...EVERYWHERE.map((mount) => [document.body, mount])];
  for (const [element, mount] of all) {
    try {
      mount(element, store);
    } catch (problem) {
      console.error(element.id, problem);
    }
  }
}
