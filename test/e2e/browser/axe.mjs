// What axe finds on the product's pages, and how they look: node axe.mjs
//   CROFT_PAGES   the pages to open, separated by commas, each with what is to be clicked there, behind a > each
//   CROFT_PREFIX  what the names of the pictures begin with; 50 where it is not said
// Prints one JSON object: for each page and theme, what is wrong with the part of it that is ours.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { scenario } from './page.mjs';

const { CROFT_PAGES, CROFT_PREFIX = '50' } = process.env;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SIZES = [{ width: 1920, height: 1080 }, { width: 1280, height: 800 }];

/** A violation in one line: which rule, where, and what to do. */
function told({ id, nodes }) {
  const places = nodes.slice(0, 3).map(({ html, failureSummary }) => `${ html.slice(0, 160) } (${ (failureSummary ?? '').split('\n')[1]?.trim() })`);

  return `${ id }: ${ places.join(' | ') }`;
}

await scenario('axe', async (p) => {
  const found = {};
  const picture = (page, ...rest) => p.shot([CROFT_PREFIX, page.replace(/\W+/g, '_'), ...rest].join('-'));

  for (const page of CROFT_PAGES.split(',')) {
    const [path, ...clicks] = page.split('>');

    await p.go(path);
    await p.settled();
    for (const id of clicks) {
      await p.page.getByTestId(id).click();
    }
    for (const colorScheme of ['light', 'dark']) {
      await p.page.emulateMedia({ colorScheme });
      await p.page.locator(`body.theme-${ colorScheme }`).waitFor({ state: 'attached' });
      for (const size of SIZES) {
        await p.page.setViewportSize(size);
        await picture(page, colorScheme, size.width);
      }
      await p.page.evaluate(axe);
      // The row of tabs is the shell's own component.
      const { violations } = await p.page.evaluate(() => window.axe.run({ include: ['.croft-page'], exclude: ['[role=tablist]'] }, { resultTypes: ['violations'] }));

      found[`${ page } ${ colorScheme }`] = violations.map(told);
    }
  }
  console.log(JSON.stringify(found));
});
