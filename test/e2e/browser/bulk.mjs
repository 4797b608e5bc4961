// Bulk work on the page: node bulk.mjs
//   CROFT_PREFIX  what the names of the machines begin with
//   CROFT_COUNT   how many there are
//   CROFT_WAVE    how many are restarted at once
//   CROFT_SHOTS   what the names of the pictures begin with
// Chooses all that match, has them checked and restarted in waves, and prints what the page says as one JSON object.
import { scenario } from './page.mjs';

const {
  CROFT_PREFIX, CROFT_COUNT, CROFT_WAVE, CROFT_SHOTS
} = process.env;

await scenario('bulk', async (p) => {
  const at = (id) => p.page.getByTestId(id);
  const phase = (name) => p.page.locator(`[data-phase="${ name }"]`).waitFor();
  const number = async (id) => Number((await at(id).textContent()).replace(/\D*(\d+).*/s, '$1'));

  await p.go(`virtualmachines?q=${ CROFT_PREFIX }&pagesize=25`);
  await at('croft-page-range').filter({ hasText: `of ${ CROFT_COUNT }` }).waitFor();
  await p.page.locator('[data-testid^="croft-vm-select-bulk"]').first().check();
  await at('croft-selection-all').click();
  const chosen = (await at('croft-selection-count').textContent()).trim();

  await p.shot(`${ CROFT_SHOTS }0-chosen`);
  await at('croft-selection-act').click();
  await at('croft-field-action').selectOption('restart');
  await p.fill('croft-field-waveSize', CROFT_WAVE);
  await p.fill('croft-field-max', 'many');
  await at('croft-dialog-confirm').click();
  await at('croft-refusal-max').waitFor(); // a number or a percentage is needed
  await p.fill('croft-field-max', '10%');
  await p.shot(`${ CROFT_SHOTS }1-bulk-dialog`);
  await p.confirm();

  await phase('Checked');
  const allowed = await number('croft-bulkoperation-allowed');

  await p.shot(`${ CROFT_SHOTS }2-bulk-checked`);
  const began = Date.now();

  await at('croft-bulkoperation-run').click();
  await p.page.waitForFunction((half) => Number(document.querySelector('[data-testid="croft-bulkoperation-succeeded"]')?.textContent.replace(/\D*(\d+).*/s, '$1')) >= half, Math.floor(CROFT_COUNT / 2));
  await p.shot(`${ CROFT_SHOTS }5-bulk-half`);
  await phase('Completed');
  const seconds = (Date.now() - began) / 1000;

  await p.shot(`${ CROFT_SHOTS }3-bulk-done`);
  const succeeded = await number('croft-bulkoperation-succeeded');
  const cancellable = await at('croft-bulkoperation-cancel').isEnabled();

  await p.go('bulkoperations');
  await p.page.locator('[data-testid^="croft-bulkoperation-row-"]').first().waitFor();
  await p.shot(`${ CROFT_SHOTS }4-bulk-operations`);
  console.log(JSON.stringify({
    chosen, allowed, succeeded, cancellable, seconds
  }));
});
