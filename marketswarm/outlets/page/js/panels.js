/** The panels that are modules of their own: where each stands, and who draws it by mount(element, store). */

export const PANELS = [];

export function mountPanels(store) {
  for (const [id, mount] of PANELS) {
    const element = document.getElementById(id);
    try {
      mount(element, store);
    } catch (problem) {
      console.error(id, problem);
    }
  }
}
