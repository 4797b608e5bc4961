// From an image to a clone, on the pages alone, as a person at one site: node walk.mjs
//   CROFT_SITE_ID, CROFT_SITE  the site, by its cluster's id and by its name
//   CROFT_IMAGE_URL            where the image is fetched from
//   CROFT_NAME                 the machine; what else is made is named after it
// Prints one JSON object with the names of what was made.
import { scenario } from './page.mjs';

const { CROFT_SITE, CROFT_SITE_ID, CROFT_IMAGE_URL, CROFT_NAME } = process.env;
const image = `${ CROFT_NAME }-image`;
const key = `${ CROFT_NAME }-key`;
const volume = `${ CROFT_NAME }-data`;
const clone = `${ CROFT_NAME }-copy`;

const steps = {
  async image(p) {
    await p.kind('image', 'images', CROFT_SITE_ID, image);
    await p.page.getByTestId('croft-image-create').click();
    await p.fill('croft-image-name', image);
    await p.fill('croft-image-url', CROFT_IMAGE_URL);
    await p.page.getByTestId('croft-image-save').click();
    await p.kindRow('image', image, '100%');
    await p.shot('20-image');
  },

  // The private half of a key is a file that the browser is given once.
  async key(p) {
    await p.kind('keypair', 'keypairs', CROFT_SITE_ID, key);
    await p.page.getByTestId('croft-collective-keygen').click();
    await p.fill('croft-field-name', key);
    const [file] = await Promise.all([p.page.waitForEvent('download'), p.page.getByTestId('croft-dialog-confirm').click()]);

    await p.kindRow('keypair', key, 'default');
    await p.shot('21-key');

    return file.suggestedFilename();
  },

  async machine(p) {
    await p.go(`virtualmachines/create?site=${ CROFT_SITE_ID }`);
    await p.fill('croft-form-name', CROFT_NAME);
    await p.fill('croft-form-memory', '0.25');
    await p.choose('croft-form-image-0', image);
    await p.fill('croft-form-size-0', '1');
    await p.page.getByTestId('croft-form-save').click();
    await p.page.waitForURL((url) => url.pathname.endsWith(`/${ CROFT_NAME }`));
    await p.machines(CROFT_NAME, CROFT_SITE_ID);
    await p.row(CROFT_NAME, 'Running');
  },

  async volume(p) {
    await p.kind('volume', 'volumes', CROFT_SITE_ID, volume);
    await p.page.getByTestId('croft-volume-create').click();
    await p.fill('croft-field-name', volume);
    await p.fill('croft-field-storage', '64Mi');
    await p.page.getByTestId('croft-form-save').click();
    await p.kindRow('volume', volume, '64 MiB');
    await p.machines(CROFT_NAME, CROFT_SITE_ID);
    await p.row(CROFT_NAME, 'Running');
    await p.act(CROFT_NAME, 'addVolume');
    await p.fill('croft-field-diskName', 'data');
    await p.page.getByTestId('croft-field-volumeSourceName').selectOption(volume);
    await p.shot('22-add-volume');
    await p.confirm();
  },

  async clone(p) {
    await p.act(CROFT_NAME, 'clone');
    await p.page.getByTestId('croft-dialog-confirm').click();
    await p.page.getByTestId('croft-refusal-targetVm').waitFor(); // a name is needed
    await p.fill('croft-field-targetVm', clone);
    await p.confirm();
    await p.row(clone, CROFT_SITE);
    await p.shot('23-clone');
  },
};

await scenario('walk', async (p) => {
  await steps.image(p);
  const file = await steps.key(p);

  await steps.machine(p);
  await steps.volume(p);
  await steps.clone(p);
  console.log(JSON.stringify({ file, volume, clone }));
});
