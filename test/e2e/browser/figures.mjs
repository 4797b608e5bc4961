// What the list of many machines takes in a browser: node figures.mjs
//   CROFT_SECONDS  how long the list stays open while machines change
// Prints one JSON object: times in milliseconds, the extension's own script in bytes, and the tab's memory as time goes.
import { gzipSync } from 'node:zlib';
import { scenario } from './page.mjs';

const { CROFT_SECONDS } = process.env;
const ROUNDS = 7;
const GAP_MS = 15_000;

/** Does something in the page and waits until it shows that it is done: milliseconds from there to the frame after. */
function timed(page, act, done, arg) {
  return page.evaluate(async ([doing, seen, given]) => {
    const from = performance.now();
    const until = new Function('given', `return ${ seen }`); // eslint-disable-line no-new-func

    new Function('given', doing)(given); // eslint-disable-line no-new-func
    while (!until(given)) {
      await new Promise(requestAnimationFrame);
    }
    await new Promise(requestAnimationFrame);

    return performance.now() - from;
  }, [act, done, arg]);
}

const RANGE = `document.querySelector('[data-testid=croft-page-range]')?.textContent`;
/** Rows are there, each with its menu, and nothing is awaited. */
const READY = `document.querySelector('[data-testid^=croft-vm-menu-]') && !document.querySelector('tbody.loading')`;

await scenario('figures', async (p) => {
  const { page } = p;
  const seen = {
    first: [], open: [], next: [], search: [], sort: [], memory: []
  };
  const scripts = new Map();

  page.on('response', async (response) => {
    if (/\/v1\/uiplugins\/.+\.js$/.test(response.url())) {
      scripts.set(response.url(), await response.body().catch(() => ''));
    }
  });

  // All over again, as one who opens a link: the whole dashboard begins.
  for (let round = 0; round < 3; round++) {
    const from = Date.now();

    await p.go('virtualmachines?pagesize=100');
    await page.waitForFunction(READY);
    seen.first.push(Date.now() - from);
    if (round === 0) {
      await page.waitForLoadState('networkidle', { timeout: 10_000 }).catch(() => {}); // sockets may keep it busy
      const bodies = [...scripts.values()];

      seen.script = { files: bodies.length, gzip: bodies.reduce((sum, body) => sum + gzipSync(body).length, 0) };
    }
  }

  for (let round = 0; round < ROUNDS; round++) {
    await page.getByRole('link', { name: 'Nodes', exact: true }).click();
    await page.locator('[data-testid^="croft-node-row-"]').first().waitFor();
    seen.open.push(await timed(page, `document.querySelector('a[href$="/croft/c/_/virtualmachines"]').click()`, READY));
  }
  for (let round = 0; round < ROUNDS; round++) {
    const before = await page.evaluate(RANGE);

    seen.next.push(await timed(page, `document.querySelector('[data-testid=croft-page-next]').click()`, `${ READY } && ${ RANGE } !== given`, before));
  }
  for (const column of ['state', 'memory', 'site', 'created', 'name']) {
    seen.sort.push(await timed(page, `document.querySelector('[data-testid=croft-sort-${ column }]').click(); given.url = location.href`, `location.href !== given.url && ${ READY }`, {}));
  }
  for (let round = 0; round < ROUNDS; round++) {
    const word = `00${ 7 + round }`;
    const input = page.getByTestId('croft-vm-search');
    const found = `new URLSearchParams(location.search).get('q') === given && ${ READY }`;

    await input.fill(word.slice(0, -1));
    await page.waitForFunction(([seen, given]) => new Function('given', `return ${ seen }`)(given), [found, word.slice(0, -1)]); // eslint-disable-line no-new-func
    // The last key, as the field hears of it.
    seen.search.push(await timed(page, `const field = document.querySelector('[data-testid=croft-vm-search]'); field.value = given; field.dispatchEvent(new Event('input', { bubbles: true }))`, found, word));
  }

  const tab = await page.context().newCDPSession(page);

  await p.go('virtualmachines?pagesize=100');
  await page.waitForFunction(READY);
  await tab.send('Performance.enable');
  for (const from = Date.now(); ;) {
    await tab.send('HeapProfiler.collectGarbage');
    const { metrics } = await tab.send('Performance.getMetrics');
    const of = (name) => metrics.find((metric) => metric.name === name).value;

    seen.memory.push({ at: (Date.now() - from) / 1000, heap: of('JSHeapUsedSize'), nodes: of('Nodes') });
    if (Date.now() - from > Number(CROFT_SECONDS) * 1000) {
      break;
    }
    await page.waitForTimeout(GAP_MS);
  }
  console.log(JSON.stringify(seen));
});
