// What every page offers one user at a site: node roles.mjs <name of the screenshots>
//   CROFT_PAGES    the pages to open, separated by commas, each with its word, and what is searched there: volumes:volume:data
//   CROFT_SITE_ID  the site
// Prints one JSON object: for each page whether another can be made, or why not; what the menu offers, or why not; and what
// the page says instead of rows or above them.
import { scenario } from './page.mjs';

const { CROFT_PAGES, CROFT_SITE_ID } = process.env;
const [shot] = process.argv.slice(2);

/** The button by which a page makes another; nothing where it has none. */
async function making(p, word) {
  const button = p.page.locator(`[data-testid="croft-${ word }-create"], [data-testid="croft-${ word }-import"]`).first();

  return await button.count() ? { entry: 'create', enabled: await button.isEnabled(), reason: await button.getAttribute('title') ?? '' } : null;
}

await scenario(`roles-${ shot }`, async (p) => {
  const seen = {};

  await p.page.setViewportSize({ width: 1280, height: 800 });
  for (const [page, word, search] of CROFT_PAGES.split(',').map((pair) => pair.split(':'))) {
    await p.go(`${ page }?${ new URLSearchParams({ site: CROFT_SITE_ID, ...(search ? { q: search } : {}) }) }`);
    await p.listed();
    const menus = p.page.locator(`[data-testid^="croft-${ word }-menu-"][aria-haspopup]`);
    const names = await menus.evaluateAll((all) => all.map((menu) => menu.dataset.testid.replace(/^croft-[a-z]+-menu-/, '')));
    const said = await p.page.locator('[data-testid="croft-table-empty"], [data-testid="croft-error"]').allTextContents();
    const create = await making(p, word);
    const entries = names.length ? await p.menu(names[0], word) : [];

    await p.shot(`${ shot }-${ page }`);
    seen[page] = {
      create, names, entries, said: said.map((text) => text.trim())
    };
  }
  console.log(JSON.stringify(seen));
});
