// The vendor's JavaScript client over the simulator's routes and streams. Started by judge_with_js_client.py.
// Arguments: the client's main file, the REST base, the WebSocket base.
const [client, restBase, wsBase] = process.argv.slice(2);
const { restClient, getOptionsWebsocket, getIndicesWebsocket, getStocksWebsocket } = await import(client);

const PATIENCE_MS = 20_000;
const rest = restClient('k', restBase, { pagination: true });
let failures = 0;

function say(what, fact) {
  if (!fact) failures += 1;
  console.log(`${fact ? 'ok  ' : 'FAIL'} ${what}`);
}

async function expect(what, ask, test) {
  try {
    say(what, test(await ask()));
  } catch (error) {
    say(`${what}: ${error.message}`, false);
  }
}

// One conversation: auth, subscribe, and events until every wanted kind has come.
function converse(what, open, channels, kinds) {
  return new Promise((done) => {
    const socket = open('k', wsBase);
    const seen = new Set();
    const end = (fact) => {
      clearTimeout(timer);
      socket.onmessage = () => {};
      socket.close();
      say(what, fact);
      done();
    };
    const timer = setTimeout(() => end(false), PATIENCE_MS);
    socket.onmessage = ({ data }) => {
      for (const event of JSON.parse(data)) {
        if (event.status === 'auth_success') {
          socket.send(JSON.stringify({ action: 'subscribe', params: channels.join(',') }));
        }
        seen.add(event.ev);
      }
      if (kinds.every((kind) => seen.has(kind))) end(true);
    };
  });
}

const filled = (answer) => answer.results.length > 0 && ['OK', 'DELAYED'].includes(answer.status);
const listed = await rest.listOptionsContracts({ underlyingTicker: 'SPX', sort: 'expiration_date', limit: 1000 });
const spot = (await rest.getIndicesSnapshot({ tickerAnyOf: 'I:SPX' })).results[0].value;
const first = listed.results[0].expiration_date;
const near = listed.results
  .filter((row) => row.expiration_date === first)
  .sort((a, b) => Math.abs(a.strike_price - spot) - Math.abs(b.strike_price - spot))
  .slice(0, 40)
  .map((row) => row.ticker);
const [contract] = near;
const window = { strikePriceGte: spot - 200, strikePriceLte: spot + 200, expirationDate: first };

const topics = near.flatMap((ticker) => ['Q', 'T', 'A'].map((topic) => `${topic}.${ticker}`));
await converse('options stream', getOptionsWebsocket, topics, ['Q', 'T', 'A']);
await converse('indices stream', getIndicesWebsocket, ['V.I:SPX', 'A.I:SPX'], ['V', 'A']);
await converse('stocks stream', getStocksWebsocket, ['T.SPY', 'Q.SPY', 'A.SPY'], ['T', 'Q', 'A']);

await expect(
  'chain, all pages',
  () => rest.getOptionsChain({ underlyingAsset: 'I:SPX', limit: 50, ...window }),
  (a) => filled(a) && a.results.length > 100 && new Set(a.results.map((r) => r.details.ticker)).size === a.results.length,
);
await expect(
  'one contract',
  () => rest.getOptionContract({ underlyingAsset: 'I:SPX', optionContract: contract }),
  (a) => a.results.last_quote.ask > a.results.last_quote.bid,
);
await expect('listing', () => rest.getOptionsContract({ optionsTicker: contract }), (a) => a.results.ticker === contract);
await expect('quotes', () => rest.getOptionsQuotes({ optionsTicker: contract, limit: 5000 }), filled);
await expect('trades', () => rest.getOptionsTrades({ optionsTicker: contract, limit: 5000 }), filled);
await expect('last trade', () => rest.getLastOptionsTrade({ optionsTicker: contract }), (a) => a.results.p > 0);
const range = { multiplier: 1, timespan: 'day', from: '2000-01-01', to: '2100-01-01' };
await expect('bars', () => rest.getOptionsAggregates({ optionsTicker: contract, ...range }), filled);
await expect('bars of an index', () => rest.getIndicesAggregates({ indicesTicker: 'I:SPX', ...range }), filled);
await expect('day before', () => rest.getPreviousIndicesAggregates({ indicesTicker: 'I:SPX' }), filled);
await expect('average', () => rest.getIndicesSMA({ indicesTicker: 'I:SPX', window: 1 }), (a) => a.results.values.length > 0);
await expect('unified', () => rest.getSnapshots({ tickerAnyOf: `SPY,I:SPX,${contract}` }), (a) => a.results.length === 3);
await expect('summaries', () => rest.getSnapshotSummary({ tickerAnyOf: 'SPY,I:SPX' }), (a) => a.results.length === 2);
await expect('stock', () => rest.getStocksSnapshotTicker({ stocksTicker: 'SPY' }), (a) => a.ticker.lastTrade.p > 0);
await expect('exchanges', () => rest.listExchanges({ assetClass: 'options' }), filled);
await expect('conditions', () => rest.listConditions({ assetClass: 'options' }), filled);
await expect('status', () => rest.getMarketStatus(), (a) => a.market === 'open');
await expect('holidays', () => rest.getMarketHolidays(), (a) => a.length > 0);
process.exit(failures ? 1 : 0);
