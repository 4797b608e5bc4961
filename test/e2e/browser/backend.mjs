// What pages show of a site that the hub hears from, and whose backend does not answer.
//   CROFT_SITE_ID, CROFT_NAME  a machine there, of the namespace default
// Prints a line of JSON each: what the list and its menu offer, what the machine's page says, and whether that is whole again.
import { scenario, tell } from './page.mjs';

const { CROFT_SITE_ID, CROFT_NAME } = process.env;

await scenario('backend', async (p) => {
  const at = (id) => p.page.getByTestId(id);

  await p.machines(CROFT_NAME, CROFT_SITE_ID);
  await p.row(CROFT_NAME, 'Running');
  const entries = await p.menu(CROFT_NAME);

  await p.shot('65-no-backend-menu');
  await tell({ entries, stale: await at('croft-stale').count() });

  await p.go(`virtualmachines/${ CROFT_SITE_ID }/default/${ CROFT_NAME }`);
  await at('croft-vm-last-known').waitFor();
  await p.shot('66-no-backend-machine');
  await tell({ said: (await at('croft-error').textContent()).trim(), known: (await at('croft-vm-last-known').textContent()).trim() });

  await at('croft-vm-facts').waitFor();
  await at('croft-error').waitFor({ state: 'detached' });
  await tell({ whole: true });
});
