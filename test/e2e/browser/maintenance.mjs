// A host's maintenance from the list over all sites: node maintenance.mjs
//   CROFT_NODE  the host
// Prints one JSON object: what the dialog says before it begins, and what the host's row says at the end.
import { scenario } from './page.mjs';

const { CROFT_NODE } = process.env;

await scenario('maintenance', async (p) => {
  const dialog = p.page.getByTestId('croft-dialog');

  await p.page.setViewportSize({ width: 1280, height: 800 });
  await p.go('nodes');
  await p.kindRow('node', CROFT_NODE, 'Ready');
  await p.menu(CROFT_NODE, 'node');
  await p.shot('61-host-menu');
  await p.page.keyboard.press('Escape');
  await p.act(CROFT_NODE, 'enableMaintenanceMode', 'node');
  await p.page.getByTestId('croft-dialog-note').first().waitFor();
  const notes = await p.page.getByTestId('croft-dialog-note').allTextContents();

  await p.shot('62-maintenance');
  await p.page.getByTestId('croft-dialog-confirm').click();
  await dialog.waitFor({ state: 'detached' });
  await p.kindRow('node', CROFT_NODE, /(?<!Entering )\bMaintenance/); // who is only entering it has not moved anything yet
  await p.shot('63-maintained');
  await p.act(CROFT_NODE, 'disableMaintenanceMode', 'node');
  await p.kindRow('node', CROFT_NODE, 'Ready');
  console.log(JSON.stringify({ notes: notes.map((note) => note.trim()) }));
});
