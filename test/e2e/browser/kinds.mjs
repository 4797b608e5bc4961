// The list of every kind at one site: node kinds.mjs
//   CROFT_SITE_ID  the site, by its cluster's id
//   CROFT_PAGES    the pages to open, separated by commas
// Prints one JSON object: for each page what it says instead of its list, "" where it has one.
import { scenario } from './page.mjs';

const { CROFT_SITE_ID, CROFT_PAGES } = process.env;

await scenario('kinds', async (p) => {
  const said = {};

  for (const page of CROFT_PAGES.split(',')) {
    await p.go(`${ page }?site=${ CROFT_SITE_ID }`);
    const failure = p.page.getByTestId('croft-error');

    await p.listed();
    said[page] = await failure.count() ? (await failure.first().textContent()).trim() : '';
    await p.shot(`30-${ page }`);
  }
  console.log(JSON.stringify(said));
});
