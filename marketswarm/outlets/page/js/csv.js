/** A chain as CSV: one line a contract; what is unknown is empty. */

const COLUMNS = [
  ["ticker"], ["symbol"], ["root"], ["expiration"], ["strike"], ["type"], ["open_interest"], ["ts"],
  ["quote", "bid"], ["quote", "ask"], ["quote", "mid"], ["quote", "bid_size"], ["quote", "ask_size"], ["quote", "ts"],
  ["trade", "price"], ["trade", "size"], ["trade", "ts"], ["day", "volume"],
  ["greeks", "iv"], ["greeks", "delta"], ["greeks", "gamma"], ["greeks", "theta"], ["greeks", "vega"], ["greeks", "source"], ["greeks", "ts"],
];

export function chainCsv(chain) {
  const sorted = [...chain.contracts.values()].sort((one, other) => one.strike - other.strike || one.ticker.localeCompare(other.ticker));
  const lines = [COLUMNS.map((path) => path.join("_")), ...sorted.map((contract) => COLUMNS.map((path) => field(contract, path)))];
  return lines.map((line) => line.join(",")).join("\n") + "\n";
}

function field(contract, path) {
  const value = path.reduce((inner, name) => inner?.[name], contract);
  const text = value === undefined ? "" : String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
