// A guest cluster as a person makes one: its credential, its pool's machines, and what is said before anything is sent.
//   CROFT_SITE, CROFT_IMAGE, CROFT_CLASS, CROFT_NETWORK  what to choose
//   CROFT_CLUSTER                                        the new cluster's name
// Prints what each form said, and waits for a line after each; after the last one class and network are gone, and the
// namespace's quota is spent.
import { scenario, tell } from './page.mjs';

const { CROFT_URL, CROFT_SITE, CROFT_IMAGE, CROFT_CLASS, CROFT_NETWORK, CROFT_CLUSTER } = process.env;
const CREDENTIAL = 'Name for this credential';

/** The refusal at a field, and whether the field's input names it as its description. */
async function refusal(p, word) {
  const text = p.page.getByTestId(`croft-refusal-${ word }`);

  await text.waitFor();
  const [id, said] = [await text.getAttribute('id'), await text.textContent()];

  return { said: said.trim(), described: !!id && await p.page.locator(`[aria-describedby="${ id }"]`).count() > 0 };
}

/** How many machines the form says that fit. */
async function fits(p) {
  const banner = p.page.getByTestId('croft-guest-fit');

  await banner.waitFor();

  return { count: Number(await banner.getAttribute('data-count')), said: (await banner.textContent()).trim() };
}

async function credential(p) {
  await p.page.goto(`${ CROFT_URL }/dashboard/c/_/manager/cloudCredential/create?type=croft`);
  await p.page.getByTestId('croft-credential').waitFor();
  await p.page.getByPlaceholder(CREDENTIAL).fill(CROFT_SITE);
  await p.page.getByText('another one, by its kubeconfig').click();
  await p.fill('croft-credential-kubeconfig', 'contexts: [');
  const wrong = await refusal(p, 'kubeconfigContent');

  await p.page.getByText('one of this hub’s').click();
  await p.choose('croft-credential-site', CROFT_SITE);
  await p.shot('credential-form');
  await p.page.getByTestId('form-save').click();
  await p.page.locator('tr.main-row', { hasText: CROFT_SITE }).waitFor();

  return wrong;
}

/** Opens the form of a new cluster by the product's own page, and has the only credential chosen. */
async function create(p) {
  await p.go('guestclusters');
  await p.page.getByTestId('croft-guestcluster-create').click();
  await p.page.getByTestId('croft-guest').waitFor();
}

async function machines(p) {
  await create(p);
  await p.page.getByLabel('Cluster Name').first().fill(CROFT_CLUSTER);
  const many = await fits(p);
  const image = await refusal(p, 'disks');

  await p.choose('croft-guest-disk-0', CROFT_IMAGE);
  await p.choose('croft-guest-class-0', CROFT_CLASS);
  await p.choose('croft-guest-card-0', CROFT_NETWORK);
  await p.choose('croft-guest-namespace', 'default');
  await p.fill('croft-guest-cpu', '0');
  const cpu = await refusal(p, 'cpu');
  const held = await p.page.getByTestId('rke2-custom-create-save').isDisabled();

  await p.fill('croft-guest-cpu', '3');
  await p.page.getByTestId('croft-refusal-cpu').waitFor({ state: 'detached' });
  const fewer = await fits(p);

  return { many, fewer, image, cpu, held };
}

/** What the form of a cluster that is there says of what its site can no longer give. */
async function lacks(p) {
  await p.page.goto(`${ CROFT_URL }/dashboard/c/_/manager/provisioning.cattle.io.cluster/fleet-default/${ CROFT_CLUSTER }?mode=edit`);
  const [storage, network] = [await refusal(p, 'class-0'), await refusal(p, 'card-0')];

  await p.page.locator('[data-testid="croft-guest-fit"][data-count="0"]').waitFor();
  const none = await fits(p);

  await p.shot('machine-form-lacks');

  return { storage, network, none };
}

await scenario('guest', async (p) => {
  await tell({ kubeconfig: await credential(p) });
  await tell(await machines(p));
  await p.page.getByTestId('croft-guest-fit').evaluate((element) => element.scrollIntoView({ block: 'center' }));
  await p.shot('machine-form');
  await p.page.getByTestId('rke2-custom-create-save').click();
  await p.page.waitForURL((url) => url.pathname.endsWith('/manager/provisioning.cattle.io.cluster'));
  await p.go(`guestclusters/fleet-default/${ CROFT_CLUSTER }`);
  await p.page.getByTestId('croft-guestcluster-pool-pool1').waitFor();
  await p.shot('guest-cluster');
  await tell({ counts: (await p.page.getByTestId('croft-guestcluster-counts').textContent()).trim() });
  await tell(await lacks(p));
});
