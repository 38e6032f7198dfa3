/** The gateway's clock as this page knows it: ages must not depend on how this machine's own clock is set. */

let offset = 0;
let best = Infinity;

/** Learns from an answer that was asked for at `asked_ms` and says the gateway's time. The quickest answer tells best. */
export function learn(now_ms, asked_ms = Date.now()) {
  if (!Number.isFinite(now_ms)) return;
  const took = Date.now() - asked_ms;
  if (took > best + 50) {
    best += 5; // an old best is trusted less and less, for clocks drift
    return;
  }
  best = Math.min(best, took);
  offset = now_ms + took / 2 - Date.now();
}

export const nowMs = () => Date.now() + offset;
