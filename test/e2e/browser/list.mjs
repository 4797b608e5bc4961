// The list of all sites as one user sees it: node list.mjs <name of the screenshot>
// Prints one JSON object with the names in the list.
import { scenario } from './page.mjs';

const [shot] = process.argv.slice(2);

await scenario(`list-${ shot }`, async (p) => {
  await p.go('virtualmachines');
  const rows = p.page.locator('[data-testid^="croft-vm-link-"]');

  await rows.first().waitFor();
  await p.shot(`list-${ shot }`);
  console.log(JSON.stringify({ names: (await rows.allTextContents()).map((name) => name.trim()) }));
});
