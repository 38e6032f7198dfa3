/** The panels that are modules of their own: where each stands, and who draws it by mount(element, store). */

import * as gamma from "./charts/gamma.js";
import * as smile from "./charts/smile.js";
import * as spot from "./charts/spot.js";
import * as events from "./events.js";
import * as messages from "./messages.js";

const PANELS = {
  "panel-spot": spot,
  "panel-gamma": gamma,
  "panel-smile": smile,
  "panel-messages": messages,
  "panel-events": events,
};

export function mountPanels(store) {
  for (const [id, panel] of Object.entries(PANELS)) {
    try {
      panel.mount(document.getElementById(id), store);
    } catch (problem) {
      console.error(id, problem);
    }
  }
}
