// Rows that change while the list is open: node live.mjs
//   CROFT_NAME  a running machine
// Prints a line of JSON for each thing seen, and waits for a line before it goes on.
import { scenario, tell } from './page.mjs';

const { CROFT_NAME } = process.env;

await scenario('live', async (p) => {
  const told = [];

  p.page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => {
    if (String(payload).includes(CROFT_NAME) && /resource\.(create|change)/.test(payload)) {
      told.push(payload.length);
    }
  }));
  await p.go(`virtualmachines?q=${ CROFT_NAME }&columns=site,node,macs&group=site`);
  await p.row(CROFT_NAME, 'Running');
  await p.page.locator('[data-testid^="croft-vm-group-"]').first().waitFor();
  await p.mark();
  await p.shot('45-grouped');
  await tell({});

  await p.row(CROFT_NAME, 'Paused');
  await p.shot('46-paused');
  console.log(JSON.stringify({ marked: await p.marked(), told: told.length }));
});
