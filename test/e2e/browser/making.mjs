// A user at the form of a machine: node making.mjs <name of the screenshot>
//   CROFT_ID, CROFT_NAMESPACE, CROFT_NAME  what he makes, and where
// Prints one JSON object: whether it was made, what the form said before, and what it said when it was not taken.
import { scenario } from './page.mjs';

const { CROFT_ID, CROFT_NAMESPACE, CROFT_NAME } = process.env;
const [shot] = process.argv.slice(2);

await scenario(`making-${ shot }`, async (p) => {
  const at = (id) => p.page.getByTestId(id);
  const said = async (id) => await at(id).count() ? (await at(id).textContent()).trim() : '';

  await p.go(`virtualmachines/create?site=${ CROFT_ID }`);
  await p.settled();
  await p.fill('croft-form-name', CROFT_NAME);
  await p.choose('croft-form-namespace', CROFT_NAMESPACE);
  await p.fill('croft-form-memory', '0.25');
  await at('croft-form-disk-remove-0').click();
  await p.choose('croft-form-strategy', 'not now');
  await at('croft-form-save').click();
  await Promise.race([p.page.waitForURL((url) => url.pathname.endsWith(`/${ CROFT_NAME }`)), at('croft-form-error').waitFor()]);
  await p.shot(`26-making-${ shot }`);
  console.log(JSON.stringify({
    made: new URL(p.page.url()).pathname.endsWith(`/${ CROFT_NAME }`), before: await said('croft-vm-may-not-create'), after: await said('croft-form-error')
  }));
});
