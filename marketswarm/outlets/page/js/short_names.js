/** Names of levels as they are said where there is little room. Pure. */

const SHORT = [
  ["call wall", "CW"], ["put wall", "PW"], ["heaviest strike", "heavy"], ["gamma cluster", "cluster"], ["expected move", "move"],
  ["call peak", "C peak"], ["put peak", "P peak"], ["max pain", "pain"], ["pin risk", "pin"],
  ["expected high", "exp. high"], ["expected low", "exp. low"],
];

/** `Call wall 6,825 tested` as `CW 6,825 tested`; a name that has no shorter one stays. */
export function shortOf(label) {
  const [long, short] = SHORT.find(([name]) => label.toLowerCase().startsWith(name)) ?? ["", ""];
  return short + label.slice(long.length);
}
