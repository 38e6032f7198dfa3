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

/**
 * Lines of levels and of marks together, one a price. A mark that speaks of a level's own line is said by that line: `Call wall 6,850
 * tested`; of others at one price the first has the line, and names the rest on demand.
 * @param {{label: string, at: number}[]} levels
 * @param {{label: string, at: number}[]} marks
 */
export function together(levels, marks) {
  const lines = levels.map((line) => ({ ...line }));
  for (const mark of marks) {
    const there = lines.filter((line) => Math.abs(line.at - mark.at) < 1e-6);
    const own = there.find((line) => mark.label.startsWith(line.label));
    if (own) Object.assign(own, { kind: mark.kind, state: mark.state, added: mark.label.slice(own.label.length).replace(/^[\s\d.,]+/, "") });
    else if (there.length) there[0].also = [...(there[0].also ?? []), mark.explain];
    else lines.push({ ...mark });
  }
  return lines;
}

/** What stands behind a line's name: its price, unless the name says it, and what a mark adds. */
export function lineText(line, text) {
  const isSaid = line.label.includes(text);
  return [isSaid ? "" : text, line.added].filter(Boolean).join(" ");
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
