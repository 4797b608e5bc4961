// A machine's consoles with others and on the move: node console.mjs shared|moved|forbidden
//   CROFT_SITE, CROFT_NAMESPACE, CROFT_NAME  a running machine, its site by the cluster's id
// Prints one JSON object with what the page said; "moved" waits for a line before the second.
import { scenario, tell } from './page.mjs';

const { CROFT_SITE, CROFT_NAMESPACE, CROFT_NAME } = process.env;

async function open(p) {
  await p.go(`virtualmachines/${ CROFT_SITE }/${ CROFT_NAMESPACE }/${ CROFT_NAME }#console`);
}

/** Waits until the console is in a phase, and answers what is said of it. */
function phase(p, name) {
  return p.says(`[data-testid="croft-console-status"][data-phase="${ name }"]`);
}

const acts = {
  // Two people: the second takes the console, the first takes it back.
  async shared(p) {
    const other = await p.tab();

    await open(p);
    await phase(p, 'open');
    await open(other);
    await phase(other, 'open');
    const taken = await phase(p, 'taken');

    await p.shot('15-console-taken');
    await p.page.getByTestId('croft-console-retry').click();
    await phase(p, 'open');
    await phase(other, 'taken');
    console.log(JSON.stringify({ taken }));
  },

  // The machine moves to another node while its console is open, and the console follows it unasked.
  async moved(p) {
    await open(p);
    await phase(p, 'open');
    await p.answers(/this machine is simulated/);
    await tell({});

    await phase(p, 'open');
    await p.answers(/this machine is simulated[^]*this machine is simulated/);
    await p.shot('18-console-moved');
    await tell({});
  },

  // A reader without the right to consoles.
  async forbidden(p) {
    await p.machines(CROFT_NAME);
    await p.row(CROFT_NAME, 'Running');
    const entries = await p.menu(CROFT_NAME);

    await p.shot('16-reader-menu');
    await open(p);
    const said = await phase(p, 'forbidden');

    await p.shot('17-reader-console');
    console.log(JSON.stringify({ entries, said }));
  },
};

const [act] = process.argv.slice(2);

await scenario(`console-${ act }`, acts[act]);
