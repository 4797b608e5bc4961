// What goes wrong, in the words of the page: node trouble.mjs quota|conflict|failing|silent|line
//   CROFT_SITE_ID, CROFT_NAMESPACE  where, the site by its cluster's id
//   CROFT_NAME                      what is made, changed or opened there
// Prints a line of JSON for what the page said, and waits for a line where the test has something to do first.
import { scenario, tell } from './page.mjs';

const { CROFT_SITE_ID, CROFT_NAMESPACE, CROFT_NAME } = process.env;

/** What a refused form says, at a field or above. */
async function refusal(p) {
  const said = p.page.locator('[data-testid="croft-form-error"], [data-testid="croft-dialog-error"], [data-testid^="croft-refusal-"], [data-testid^="croft-site-notice-"]').filter({ visible: true }).first();

  await said.waitFor();

  return (await said.textContent()).trim();
}

/** Opens the form of another key and fills it in. */
async function key(p) {
  await p.kind('keypair', 'keypairs', CROFT_SITE_ID, CROFT_NAME);
  await p.listed();
  await p.page.getByTestId('croft-keypair-create').click();
  await p.fill('croft-field-name', CROFT_NAME);
  await p.page.getByTestId('croft-field-namespace').selectOption(CROFT_NAMESPACE);
  await p.fill('croft-field-publicKey', process.env.CROFT_KEY);
}

async function openEditor(p, text) {
  await p.kind('cloudconfig', 'cloudconfigs', CROFT_SITE_ID, CROFT_NAME);
  await p.act(CROFT_NAME, 'edit', 'cloudconfig');
  await p.fill('croft-field-cloudInit', text);
}

const acts = {
  // 403: the namespace may have no more.
  async quota(p) {
    await p.kind('volume', 'volumes', CROFT_SITE_ID, CROFT_NAME);
    await p.listed();
    await p.page.getByTestId('croft-volume-create').click();
    await p.fill('croft-field-name', CROFT_NAME);
    await p.page.getByTestId('croft-field-namespace').selectOption(CROFT_NAMESPACE);
    await p.fill('croft-field-storage', '1Gi');
    await p.page.getByTestId('croft-form-save').click();
    const said = await refusal(p);

    await p.shot('90-quota');
    await tell({ said });
  },

  // 409: a second tab was faster.
  async conflict(p) {
    const other = await p.tab();

    await openEditor(p, '#cloud-config\nhostname: first\n');
    await openEditor(other, '#cloud-config\nhostname: second\n');
    await other.confirm();
    await p.page.getByTestId('croft-dialog-confirm').click();
    const said = await refusal(p);

    await p.shot('91-conflict');
    await tell({ said });
  },

  // 500: the site's webhooks do not answer its API server. And later they do.
  async failing(p) {
    await p.go(`virtualmachines/create?site=${ CROFT_SITE_ID }`);
    await p.fill('croft-form-name', CROFT_NAME);
    await p.page.getByTestId('croft-form-disk-remove-0').click();
    await p.choose('croft-form-strategy', 'not now');
    await tell({});
    await p.page.getByTestId('croft-form-save').click();
    const said = await refusal(p);

    await p.shot('92-failing');
    await tell({ said });
    await p.again(async() => { // who has hung for long may begin anew
      if (await p.page.getByTestId('croft-form-save').isVisible()) {
        await p.page.getByTestId('croft-form-save').click();
      }
      await p.page.waitForURL((url) => url.pathname.endsWith(`/${ CROFT_NAME }`), { timeout: 15_000 });
    });
    await tell({ made: true });
  },

  // No answer: the site's API server has stopped.
  async silent(p) {
    await key(p);
    await tell({});
    await p.page.getByTestId('croft-form-save').click();
    const said = await refusal(p);

    await p.shot('93-silent');
    await tell({ said });
  },

  // A console whose line is cut, and which is there again by itself.
  async line(p) {
    const status = (phase) => p.says(`[data-testid="croft-console-status"][data-phase="${ phase }"]`);

    await p.go(`virtualmachines/${ CROFT_SITE_ID }/${ CROFT_NAMESPACE }/${ CROFT_NAME }#console`);
    await status('open');
    await p.mark();
    await tell({});
    const said = await status('waiting');

    await p.shot('94-line-lost');
    await status('open');
    await tell({ said, marked: await p.marked() });
  },
};

const [act] = process.argv.slice(2);

await scenario(`trouble-${ act }`, acts[act]);
