// A site comes and goes: node site.mjs
//   CROFT_NAME   what it is called
//   CROFT_TAKEN  the name of another site
// Prints a line of JSON each: what is to be done there, what is said of it once it has joined, and what the list has once it left.
import { scenario, tell } from './page.mjs';

const { CROFT_NAME, CROFT_TAKEN } = process.env;

await scenario('site', async (p) => {
  const at = (id) => p.page.getByTestId(id);
  const says = async (id) => (await at(id).first().textContent()).trim();

  await p.page.setViewportSize({ width: 1280, height: 800 });
  await p.go('sites');
  await at(`croft-site-row-${ CROFT_TAKEN }`).waitFor();
  await at('croft-site-import').click();
  await p.fill('croft-field-name', CROFT_TAKEN);
  await at('croft-form-save').click();
  await at('croft-refusal-name').waitFor();
  const taken = await says('croft-refusal-name');

  await p.fill('croft-field-name', CROFT_NAME);
  await p.shot('70-site-import');
  await at('croft-form-save').click();
  await p.page.waitForURL(/\/sites\/c-/);
  await at('croft-site-command').waitFor();
  await p.shot('71-site-command');
  await tell({
    taken,
    id:       new URL(p.page.url()).pathname.split('/').pop(),
    waiting:  await says('croft-site-waiting'),
    command:  await says('croft-site-command'),
    insecure: await says('croft-site-insecure'),
  });

  const connected = p.page.locator('[data-testid="croft-site-health-Connected"][data-verdict="Good"]');

  await connected.waitFor();
  await at('croft-site-form').waitFor();
  const health = {};

  for (const row of await p.page.locator('[data-testid^="croft-site-health-"]').all()) {
    health[(await row.getAttribute('data-testid')).replace('croft-site-health-', '')] = (await row.textContent()).trim();
  }
  await p.fill('croft-field-latitude', 'north');
  await p.fill('croft-field-longitude', '13.405');
  await at('croft-form-save').click();
  await at('croft-refusal-latitude').waitFor();
  const nowhere = await says('croft-refusal-latitude');

  await p.fill('croft-field-latitude', '52.52');
  await p.fill('croft-field-place', 'Berlin');
  await p.fill('croft-field-region', 'eu-late');
  await at('croft-form-save').click();
  await at('croft-site-saved').waitFor();
  await p.shot('72-site');
  await p.go('overview');
  await p.page.getByRole('heading', { name: 'eu-late', exact: true }).waitFor();
  const tile = at(`croft-overview-site-${ CROFT_NAME }`).filter({ hasText: 'Berlin' });

  await tile.waitFor();
  await p.shot('73-site-region');
  await tell({
    connected: health.Connected, health, nowhere, place: await tile.textContent()
  });

  await p.go('sites');
  await at(`croft-site-link-${ CROFT_NAME }`).click();
  await at('croft-site-leave').and(p.page.locator(':enabled')).click();
  await at('croft-dialog').waitFor();
  await p.shot('74-site-leave');
  await p.confirm();
  await at(`croft-site-row-${ CROFT_TAKEN }`).waitFor();
  await at(`croft-site-row-${ CROFT_NAME }`).waitFor({ state: 'detached' });
  await tell({ rows: await p.page.locator('[data-testid^="croft-site-row-"]').allTextContents() });
});
