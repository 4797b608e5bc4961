// What lists over all sites offer one user: node rights.mjs <name of the screenshots>
//   CROFT_PAGES    the pages to open, separated by commas, each with its word: volumes:volume
//   CROFT_SITE_ID  a site, whose volumes are opened at the end
// Prints one JSON object: for each page the names in its list, what the menu of the first row offers, or why not, and
// what the page says instead of rows or above them; and whether a volume can be made at the site, or why not.
import { scenario } from './page.mjs';

const { CROFT_PAGES, CROFT_SITE_ID } = process.env;
const [shot] = process.argv.slice(2);

await scenario(`rights-${ shot }`, async (p) => {
  const seen = {};

  await p.page.setViewportSize({ width: 1280, height: 800 });
  await p.go('overview');
  await p.settled();
  await p.shot(`${ shot }-overview`);

  for (const [page, word] of CROFT_PAGES.split(',').map((pair) => pair.split(':'))) {
    await p.go(page);
    await p.listed();

    const menus = p.page.locator(`[data-testid^="croft-${ word }-menu-"][aria-haspopup]`);
    const names = await menus.evaluateAll((all) => all.map((menu) => menu.dataset.testid.replace(/^croft-[a-z]+-menu-/, '')));
    const said = await p.page.locator('[data-testid="croft-table-empty"], [data-testid="croft-error"]').allTextContents();
    const entries = names.length ? await p.menu(names[0], word) : [];

    await p.shot(`${ shot }-${ page }`);
    seen[page] = { names, entries, said: said.map((text) => text.trim()) };
  }

  await p.go(`volumes?site=${ CROFT_SITE_ID }`);
  await p.listed();
  const create = p.page.getByTestId('croft-volume-create');
  const making = { entry: 'create', enabled: await create.isEnabled(), reason: await create.getAttribute('title') ?? '' };

  await p.shot(`${ shot }-create`);
  console.log(JSON.stringify({ pages: seen, making }));
});
