// A machine's life on the page, in three acts, so that a test can look from
// outside between them: node machine.mjs create|migrate|stop
//   CROFT_SITE, CROFT_NAME, CROFT_IMAGE, CROFT_KEY  the machine of the form
// Prints one JSON object with what was read from the guest.
import { scenario } from './page.mjs';

const { CROFT_SITE, CROFT_NAME, CROFT_IMAGE, CROFT_KEY } = process.env;
const COUNTER = '(n=0; while :; do n=$((n+1)); echo $n >/tmp/count; sleep 0.1; done) &';

async function openConsole(p) {
  await p.machines(CROFT_NAME);
  await p.row(CROFT_NAME, 'Running');
  await p.act(CROFT_NAME, 'console');
  await p.page.getByTestId('croft-console').waitFor();
  await p.prompt();
}

/** The guest's count and the id of its boot: the same id after a move is the same life. */
async function count(p, mark) {
  await p.type(`echo ${ mark }: $(cat /tmp/count) $(cat /proc/sys/kernel/random/boot_id)`);
  const [, n, boot] = await p.reads(new RegExp(`^${ mark }: (\\d+) ([0-9a-f-]{36})`));

  return { n: Number(n), boot };
}

const acts = {
  async create(p) {
    await p.go('sites');
    await p.page.getByTestId(`croft-site-row-${ CROFT_SITE }`).waitFor();
    await p.shot('1-sites');
    await p.go('virtualmachines');
    await p.page.getByTestId('croft-vm-create').waitFor();
    await p.shot('2-machines-before');
    await p.page.getByTestId('croft-vm-create').click();
    await p.choose('croft-form-site', CROFT_SITE);
    await p.fill('croft-form-name', CROFT_NAME);
    await p.fill('croft-form-cpu', '1');
    await p.fill('croft-form-memory', '0.25');
    await p.choose('croft-form-image-0', CROFT_IMAGE);
    await p.fill('croft-form-size-0', '1');
    await p.fill('croft-form-sshkey', CROFT_KEY);
    await p.shot('3-form');
    await p.page.getByTestId('croft-form-save').click();
    await p.page.waitForURL((url) => url.pathname.endsWith(`/${ CROFT_NAME }`));
    await p.machines(CROFT_NAME);
    await p.row(CROFT_NAME, 'Running');
    await p.shot('4-running');

    await openConsole(p);
    await p.type('uname -a');
    const [uname] = await p.reads(/^Linux .*GNU\/Linux|^Linux .* x86_64.*/);

    await p.shot('5-console');
    await p.machines(CROFT_NAME);
    await p.act(CROFT_NAME, 'vnc');
    await p.screen();
    await p.shot('5-screen');
    console.log(JSON.stringify({ uname }));
  },

  async migrate(p) {
    await openConsole(p);
    await p.type(COUNTER);
    const before = await count(p, 'before');

    await p.machines(CROFT_NAME);
    await p.row(CROFT_NAME, 'Running');
    await p.act(CROFT_NAME, 'migrate');
    await p.page.getByTestId('croft-dialog-confirm').click();
    await p.row(CROFT_NAME, 'Migrating');
    await p.shot('6-migrating');
    await p.row(CROFT_NAME, 'Running');
    await openConsole(p);
    const after = await count(p, 'after');

    await p.shot('7-migrated');
    console.log(JSON.stringify({ before, after }));
  },

  async stop(p) {
    await p.machines(CROFT_NAME);
    await p.row(CROFT_NAME, 'Running');
    await p.act(CROFT_NAME, 'stop');
    await p.row(CROFT_NAME, 'Stopped');
    const { reason } = (await p.menu(CROFT_NAME)).find(({ entry }) => entry === 'stop');

    await p.shot('8-stopped');
    console.log(JSON.stringify({ reason }));
  },
};

const [act] = process.argv.slice(2);

await scenario(`machine-${ act }`, acts[act]);
