// What only the site can refuse, at the field of a setting, a file of the reader's that becomes an image, and a version of
// a template that becomes a machine: node change.mjs setting|upload|lost|template
//   CROFT_SITE_ID            the site, by its cluster's id
//   CROFT_NAME               what is changed or made
//   CROFT_VALUE, CROFT_GOOD  of a setting: a value that is refused, and one that is not
//   CROFT_FILE               of an image: the file to send
//   CROFT_VALUE, CROFT_GOOD  of a template: the version, and the machine that is made of it
// Prints one JSON object with what the page said; lost one each when the file is on its way, when it was lost, and when it is there.
import { scenario, tell } from './page.mjs';

const { CROFT_SITE_ID, CROFT_NAME, CROFT_VALUE, CROFT_GOOD, CROFT_FILE } = process.env;

const acts = {
  async setting(p) {
    await p.kind('setting', 'settings', CROFT_SITE_ID, CROFT_NAME);
    await p.act(CROFT_NAME, 'edit', 'setting');
    await p.fill('croft-field-value', CROFT_VALUE);
    await p.page.getByTestId('croft-dialog-confirm').click();
    const said = p.page.locator('[data-testid="croft-refusal-value"], [data-testid="croft-dialog-error"]');

    await said.first().waitFor();
    const at = await said.first().getAttribute('data-testid');
    const refusal = (await said.first().textContent()).trim();

    await p.shot('31-setting-refused');
    await p.fill('croft-field-value', CROFT_GOOD);
    await p.confirm();
    await p.kindRow('setting', CROFT_NAME, CROFT_GOOD);
    console.log(JSON.stringify({ at, refusal }));
  },

  async upload(p) {
    await p.kind('image', 'images', CROFT_SITE_ID, CROFT_NAME);
    await p.page.getByTestId('croft-image-create').click();
    await p.page.getByTestId('croft-image-source-upload').check();
    await p.page.getByTestId('croft-image-file').setInputFiles(CROFT_FILE);
    await p.fill('croft-image-name', CROFT_NAME);
    await p.shot('32-upload');
    await p.page.getByTestId('croft-image-save').click();
    await p.kindRow('image', CROFT_NAME, '100%');
    await p.shot('33-uploaded');
    console.log(JSON.stringify({ refusal: '' }));
  },

  // The hub is taken away while the file is on its way, and once it is there again the same file is sent from its beginning.
  async lost(p) {
    const context = p.page.context();
    const network = await context.newCDPSession(p.page);
    const sent = p.page.getByTestId('croft-image-sent');

    await p.kind('image', 'images', CROFT_SITE_ID, CROFT_NAME);
    await p.page.getByTestId('croft-image-create').click();
    await p.page.getByTestId('croft-image-source-upload').check();
    await p.page.getByTestId('croft-image-file').setInputFiles(CROFT_FILE);
    await p.fill('croft-image-name', CROFT_NAME);
    await network.send('Network.enable');
    await network.send('Network.emulateNetworkConditions', {
      offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 1_000_000
    });
    await p.page.getByTestId('croft-image-save').click();
    await p.page.waitForFunction((bar) => bar.value > 0, await sent.elementHandle());
    await tell({});
    await p.page.getByTestId('croft-image-error').waitFor();
    const refusal = (await p.page.getByTestId('croft-image-error').textContent()).trim();

    await p.shot('36-upload-lost');
    await network.send('Network.emulateNetworkConditions', {
      offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1
    });
    await tell({ refusal, again: (await p.page.getByTestId('croft-image-save').textContent()).trim() });

    await p.again(async() => {
      const save = p.page.getByTestId('croft-image-save');

      if (await save.isVisible() && await save.isEnabled()) {
        await save.click();
      }
      await p.kindRow('image', CROFT_NAME, '100%', 15_000);
    });
    await tell({ rows: await p.page.locator(`[data-testid="croft-image-row-${ CROFT_NAME }"]`).count() });
  },

  async template(p) {
    await p.kind('template', 'templates', CROFT_SITE_ID, CROFT_NAME);
    await p.page.getByTestId(`croft-template-open-${ CROFT_NAME }`).click();
    await p.page.getByTestId(`croft-version-machine-${ CROFT_VALUE }`).click();
    await p.fill('croft-field-name', CROFT_GOOD);
    await p.shot('34-machine-of-template');
    await p.page.getByTestId('croft-dialog-confirm').click();
    await p.page.waitForURL((url) => url.pathname.includes(`/${ CROFT_GOOD }`));
    await p.shot('35-machine-made');
    console.log(JSON.stringify({ refusal: '' }));
  },
};

const [act] = process.argv.slice(2);

await scenario(`change-${ act }`, acts[act]);
