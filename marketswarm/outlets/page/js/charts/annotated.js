/** Annotations as a chart draws them: lines, bands, points. Pure. */

const ROLES = { up: "call", down: "put", neutral: "note", warning: "warning", urgent: "urgent" };

const mine = (notes, widget) => notes.filter((note) => note.widget === widget);

function drawn(note, more) {
  const role = ROLES[note.colour] ?? "note";
  return { name: `note-${note.id}`, label: note.label, role, state: note.state, kind: note.kind, explain: `annotation:${note.id}`, ...more };
}

/** Those that stand at one price. */
export function annotationLines(notes, widget) {
  return mine(notes, widget)
    .filter((note) => note.target.strike !== undefined && note.target.strike !== null)
    .map((note) => drawn(note, { at: note.target.strike, dash: [3, 3] }));
}

/** Those between two prices. */
export function annotationBands(notes, widget) {
  return mine(notes, widget)
    .filter((note) => note.target.type === "band" && Number.isFinite(note.target.low) && Number.isFinite(note.target.high))
    .map((note) => drawn(note, { low: note.target.low, high: note.target.high }));
}

/** Those at a point. */
export function annotationPoints(notes, widget) {
  return mine(notes, widget)
    .filter((note) => note.target.type === "point")
    .map((note) => drawn(note, { x: note.target.x ?? undefined, y: note.target.y ?? undefined }));
}
