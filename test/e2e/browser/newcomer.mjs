// The first minute of a new user, with the mouse alone: from the login to the shell of a machine at a site.
//   CROFT_SITE       the name of the site
//   CROFT_IMAGE_URL  where the image is fetched from
//   CROFT_NAME       the machine; its image is named after it
// Prints one JSON object: seconds from when the login page was asked for, by what was there then, and what the guest said.
import { scenario } from './page.mjs';

const { CROFT_SITE, CROFT_IMAGE_URL, CROFT_NAME } = process.env;
const image = `${ CROFT_NAME }-image`;

await scenario('newcomer', async (p) => {
  const { page } = p;
  const after = {};
  const menu = (name) => page.getByRole('link', { name, exact: true }).first().click();
  const seen = (what) => {
    after[what] = (Date.now() - p.began) / 1000;
  };

  // A hub without Rancher greets with the machines of all sites.
  await page.getByTestId('croft-vm-create').waitFor();
  await menu('Overview');
  await page.getByTestId('croft-overview-concerns').waitFor();
  await page.getByTestId(`croft-overview-site-${ CROFT_SITE }`).waitFor();
  seen('overview');
  await p.shot('60-overview');

  await menu('Images');
  await page.getByTestId('croft-image-create').click();
  await page.getByTestId('croft-image-create-site').selectOption({ label: CROFT_SITE });
  await p.fill('croft-image-name', image);
  await p.fill('croft-image-url', CROFT_IMAGE_URL);
  await p.shot('61-image-form');
  await page.getByTestId('croft-image-save').click();
  await p.kindRow('image', image, '100%');
  seen('image');

  await menu('Virtual Machines');
  await page.getByTestId('croft-vm-create').click();
  await p.choose('croft-form-site', CROFT_SITE);
  await p.fill('croft-form-name', CROFT_NAME);
  await p.fill('croft-form-memory', '0.25');
  await p.choose('croft-form-image-0', image);
  await p.fill('croft-form-size-0', '1');
  await p.shot('62-machine-form');
  await page.getByTestId('croft-form-save').click();
  await page.waitForURL((url) => url.pathname.endsWith(`/${ CROFT_NAME }`));
  seen('made');

  await page.locator('.croft-page .croft-state', { hasText: 'Running' }).waitFor();
  seen('running');
  await p.shot('63-machine');
  await page.getByRole('tab', { name: 'Serial console', exact: true }).click();
  await page.getByTestId('croft-console').waitFor();
  await p.prompt();
  seen('booted');
  await p.type('uname -n');
  const [said] = await p.reads(new RegExp(`^${ CROFT_NAME }$`));

  await p.shot('64-booted');
  console.log(JSON.stringify({ after, said }));
});
