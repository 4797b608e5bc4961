// A machine that runs, changed on its form, and several made at once: node edit.mjs
//   CROFT_SITE, CROFT_NAME  a machine that runs, and where
//   CROFT_SEVERAL           what three others are called
// Prints one JSON object with what was said.
import { scenario } from './page.mjs';

const { CROFT_SITE, CROFT_NAME, CROFT_SEVERAL } = process.env;

await scenario('edit', async (p) => {
  const at = (id) => p.page.getByTestId(id);
  const said = async (id) => (await at(id).textContent()).trim();

  await p.machines(CROFT_NAME);
  await p.row(CROFT_NAME, 'Running');
  await p.act(CROFT_NAME, 'edit');
  await at('croft-form-cpu').waitFor();
  await p.fill('croft-form-cpu', '2');
  await p.fill('croft-form-description', 'changed');
  const [now, restart] = [await said('croft-form-effect-now'), await said('croft-form-effect-restart')];

  await p.shot('18-effects');
  await at('croft-form-save').click();
  await p.page.waitForURL((url) => url.pathname.endsWith(`/${ CROFT_NAME }`));
  const message = await said('croft-vm-message');

  await p.go('virtualmachines/create');
  await p.choose('croft-form-site', CROFT_SITE);
  await p.fill('croft-form-name', CROFT_SEVERAL);
  await p.fill('croft-form-count', '3');
  await p.fill('croft-form-memory', '0.25');
  await at('croft-form-disk-remove-0').click();
  await p.choose('croft-form-strategy', 'not now');
  await at('croft-form-save').click();
  await p.page.waitForURL((url) => url.pathname.endsWith('/virtualmachines'));
  await p.machines(CROFT_SEVERAL);
  for (const n of ['01', '02', '03']) {
    await p.row(`${ CROFT_SEVERAL }-${ n }`, 'Stopped');
  }
  await p.shot('19-several');
  console.log(JSON.stringify({ now, restart, message }));
});
