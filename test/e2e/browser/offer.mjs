// A machine of what its site offers, made on the form, and a disk that is plugged into one that runs: node offer.mjs
//   CROFT_SITE, CROFT_ID            where, by the site's name and its cluster's id
//   CROFT_NAME                      the machine that is made
//   CROFT_TEMPLATE, CROFT_TYPE      what it is like, and the instance type that says its size
//   CROFT_NODE, CROFT_VOLUME        where it is to run, and the volume of its disk
//   CROFT_DEVICE, CROFT_KEY         the device and the key that it is given
//   CROFT_RUNS                      the machine that runs
// Prints one JSON object with what the form said.
import { scenario } from './page.mjs';

const {
  CROFT_SITE, CROFT_ID, CROFT_NAME, CROFT_TEMPLATE, CROFT_TYPE, CROFT_NODE, CROFT_VOLUME, CROFT_DEVICE, CROFT_KEY, CROFT_RUNS
} = process.env;

await scenario('offer', async (p) => {
  const at = (id) => p.page.getByTestId(id);
  const said = async (id) => (await at(id).textContent()).trim();
  const press = (id) => at(id).getByRole('checkbox').press('Space');

  await p.go('virtualmachines/create');
  await p.choose('croft-form-site', CROFT_SITE);
  await p.choose('croft-form-template', CROFT_TEMPLATE);
  await p.fill('croft-form-name', CROFT_NAME);
  await p.choose('croft-form-type', CROFT_TYPE);
  await at('croft-form-disk-add').click();
  await p.choose('croft-form-source-0', 'A volume that exists');
  await p.choose('croft-form-image-0', CROFT_VOLUME);
  await p.write('croft-form-networkdata', 'version: 2\n');
  await at('croft-form-credential-add').click();
  await p.fill('croft-form-users-0', 'root');
  await p.fill('croft-form-keys-0', CROFT_KEY);
  await press('croft-form-efi');
  await press('croft-form-secureboot');
  await press('croft-form-tpm');
  await at('croft-form-device-add').click();
  await p.choose('croft-form-device-0', CROFT_DEVICE);
  await p.choose('croft-form-strategy', 'not now');
  await p.choose('croft-form-node', CROFT_NODE);
  await at('croft-form-rule-add').click();
  await p.choose('croft-form-rule-0', 'kubernetes.io/os');
  await p.choose('croft-form-ruleoperator-0', 'is none of');
  await p.choose('croft-form-rulevalues-0', 'linux');
  const lacking = await said('croft-refusal-rule-0');

  await p.choose('croft-form-ruleoperator-0', 'is one of');
  await at('croft-refusal-rule-0').waitFor({ state: 'detached' });
  await p.page.setViewportSize({ width: 1280, height: 2700 });
  await p.shot('24-form-of-what-is-offered');
  await p.page.setViewportSize({ width: 1440, height: 900 });
  await at('croft-form-save').click();
  await p.page.waitForURL((url) => url.pathname.endsWith(`/${ CROFT_NAME }`));

  await p.go(`virtualmachines/${ CROFT_ID }/default/${ CROFT_RUNS }/edit`);
  await at('croft-form-disk-add').click();
  await p.choose('croft-form-source-0', 'a blank disk');
  await p.fill('croft-form-size-0', '1');
  const now = await said('croft-form-effect-now');

  await p.shot('25-plugged-in');
  await at('croft-form-save').click();
  await p.page.waitForURL((url) => url.pathname.endsWith(`/${ CROFT_RUNS }`));
  console.log(JSON.stringify({ lacking, now }));
});
