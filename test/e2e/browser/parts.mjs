// A machine of many parts, made on the form and changed on it: node parts.mjs
//   CROFT_SITE, CROFT_ID      where, by the site's name and its cluster's id
//   CROFT_NAME, CROFT_IMAGE   the machine
//   CROFT_NETWORK, CROFT_MAC  of its second card
// Prints what was seen, and waits for a line each time: once the machine is made, when its change is about to be saved, and
// when it is.
import { scenario, tell } from './page.mjs';

const {
  CROFT_SITE, CROFT_ID, CROFT_NAME, CROFT_IMAGE, CROFT_NETWORK, CROFT_MAC
} = process.env;

await scenario('parts', async (p) => {
  const at = (id) => p.page.getByTestId(id);
  const arrived = () => p.page.waitForURL((url) => url.pathname.endsWith(`/${ CROFT_NAME }`));
  const picture = async (name) => {
    for (const colorScheme of ['light', 'dark']) {
      await p.page.emulateMedia({ colorScheme });
      await p.page.locator(`body.theme-${ colorScheme }`).waitFor({ state: 'attached' });
      await p.page.setViewportSize({ width: 1280, height: 1900 });
      await p.shot(`${ name }-${ colorScheme }`);
    }
    await p.page.setViewportSize({ width: 1440, height: 900 });
  };

  await p.go('virtualmachines/create');
  await p.choose('croft-form-site', 'Where it fits');
  const placed = (await at('croft-form-placed').textContent()).trim();

  await p.choose('croft-form-site', CROFT_SITE);
  await p.fill('croft-form-name', CROFT_NAME);
  await p.fill('croft-form-description', 'of many parts');
  await p.fill('croft-form-sockets', '2');
  await p.fill('croft-form-memory', '0.25');
  await p.choose('croft-form-image-0', CROFT_IMAGE);
  await p.fill('croft-form-size-0', '1');
  await at('croft-form-disk-add').click();
  await p.choose('croft-form-bus-1', 'scsi');
  await p.fill('croft-form-size-1', '1');
  await at('croft-form-card-add').click();
  await p.choose('croft-form-network-1', CROFT_NETWORK);
  await p.choose('croft-form-model-1', 'e1000');
  await p.fill('croft-form-mac-1', '1:2');
  const mac = (await at('croft-refusal-mac-1').textContent()).trim();

  await p.fill('croft-form-mac-1', CROFT_MAC);
  await at('croft-form-efi').getByRole('checkbox').press('Space');
  await p.choose('croft-form-strategy', 'not now');
  const fit = (await at('croft-form-fit').textContent()).trim();

  await at('croft-form-beside').click();
  const yaml = await p.written('croft-form-yaml');

  await p.write('croft-form-yaml', yaml.replace('terminationGracePeriodSeconds: 120', 'terminationGracePeriodSeconds: 7'));
  await picture('15-form-of-many-parts');
  await at('croft-form-save').click();
  await arrived();
  await tell({ placed, mac, fit, yaml });

  await p.go(`virtualmachines/${ CROFT_ID }/default/${ CROFT_NAME }/edit`);
  await at('croft-form-description').waitFor();
  await p.fill('croft-form-description', 'of fewer parts');
  await p.fill('croft-form-sockets', '3');
  await at('croft-form-card-remove-1').click();
  await picture('16-form-of-a-change');
  await tell({});

  await at('croft-form-save').click();
  const overtaken = (await at('croft-form-overtaken').textContent()).trim();
  const kept = await at('croft-form-sockets').inputValue();

  await p.shot('17-overtaken');
  await at('croft-form-save').click();
  await arrived();
  await tell({ overtaken, kept });
});
