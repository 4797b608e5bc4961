// A list that stays open while things happen elsewhere: node stay.mjs away|hub
//   CROFT_NAME  a running machine
// Prints a line of JSON for each thing seen, and waits for a line before the next.
import { scenario, tell } from './page.mjs';

const { CROFT_NAME } = process.env;

async function openList(p) {
  await p.machines(CROFT_NAME);
  await p.row(CROFT_NAME, 'Running');
  await p.mark();
}

/** How long something took, in milliseconds. */
async function timed(run) {
  const began = Date.now();
  const answer = await run();

  return { answer, took: Date.now() - began };
}

const acts = {
  // The machine's site goes away, and comes back.
  async away(p) {
    await openList(p);
    await tell({});

    const row = p.page.getByTestId(`croft-vm-row-${ CROFT_NAME }`);

    // Before, the site may be called interrupted: its changes do not arrive, and it can still be asked.
    const told = p.page.locator('[data-testid^="croft-site-notice-"]').filter({ hasText: 'has not been heard from' }).first();

    await told.waitFor();
    await row.getByTestId('croft-stale').waitFor();
    const notice = await told.textContent();
    const heard = await row.getByTestId('croft-stale').textContent();
    const { answer: entries, took: menuTook } = await timed(() => p.menu(CROFT_NAME));

    await p.shot('9-away');
    await p.page.keyboard.press('Escape');

    const other = await p.tab();
    const href = await p.page.getByTestId(`croft-vm-link-${ CROFT_NAME }`).getAttribute('href');

    await other.page.goto(new URL(href, p.page.url()).toString());
    await other.page.getByTestId('croft-vm-last-known').waitFor();
    await other.shot('10-away-machine');
    await tell({
      notice, heard, entries, menuTook
    });

    await row.getByTestId('croft-stale').waitFor({ state: 'detached' });
    await other.page.getByTestId('croft-vm-facts').waitFor();
    await p.act(CROFT_NAME, 'stop');
    await p.row(CROFT_NAME, 'Stopped');
    await p.shot('11-back');
    await tell({ marked: await p.marked() });
  },

  // The hub is killed and comes back; later the machine is paused, and goes on.
  async hub(p) {
    await openList(p);
    await tell({});

    await p.row(CROFT_NAME, 'Paused');
    await p.page.getByTestId('croft-error').waitFor({ state: 'detached' });
    await p.shot('12-hub-back');
    await tell({ marked: await p.marked() });

    await p.row(CROFT_NAME, 'Running');
    await tell({ marked: await p.marked() });
  },
};

const [act] = process.argv.slice(2);

await scenario(`stay-${ act }`, acts[act]);
