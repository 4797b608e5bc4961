// The page as a person uses it: opens Chromium, logs in, and has a word for each
// thing that tests do. Settings come from the environment:
//   CROFT_URL, CROFT_USER, CROFT_PASSWORD  where the page is and who logs in
//   CROFT_OUTPUT                           folder for screenshots
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const { CROFT_URL, CROFT_USER, CROFT_PASSWORD, CROFT_OUTPUT } = process.env;
const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];
/** The first page of a cold dashboard on two busy cores. */
const SLOW = Number(process.env.CROFT_SLOW ?? 180_000);
/** After so long one tries another time: what was opened may have closed. */
const SOON = 15_000;

export class Page {
  static async open() {
    mkdirSync(CROFT_OUTPUT, { recursive: true });
    const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', headless: true, args: FLAGS, timeout: SLOW });
    const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();

    page.setDefaultTimeout(SLOW);
    await page.route(/updates\.rancher\.io/, (route) => route.abort());
    page.on('pageerror', (error) => console.error('page error:', error.message));

    return new Page(browser, page);
  }

  constructor(browser, page) {
    this.browser = browser;
    this.page = page;
  }

  async login() {
    this.began = Date.now();
    await this.page.goto(`${ CROFT_URL }/dashboard/auth/login`);
    await this.fill('local-login-username', CROFT_USER);
    await this.fill('local-login-password', CROFT_PASSWORD);
    await this.page.getByTestId('login-submit').click();
    await this.page.waitForURL((url) => !url.pathname.includes('/auth/login'));
  }

  /** Opens a page of the product by its path below /dashboard/croft/c/_/. */
  async go(path) {
    await this.page.goto(`${ CROFT_URL }/dashboard/croft/c/_/${ path }`);
  }

  /** Opens the list of machines where it has those whose name begins so: a longer one has them on another page. */
  async machines(name, site = '') {
    await this.go(`virtualmachines?${ new URLSearchParams({ q: name, ...(site && { site }) }) }`);
  }

  /** Waits until the page of the product that is open has all that it asked for. */
  async settled() {
    await this.page.locator('.croft-page h1').first().waitFor();
    await this.page.waitForLoadState('networkidle', { timeout: 10_000 }).catch(() => {}); // sockets may keep it busy
    await this.idle();
  }

  /** Waits until the list that is open has its rows, and knows what its reader may do. */
  async listed() {
    await this.page.locator('.croft-page table, .croft-page [data-testid="croft-error"]').first().waitFor();
    await this.idle();
  }

  async idle() {
    await this.page.waitForFunction(() => !document.querySelector('.croft-page[aria-busy=true], .croft-page [aria-busy=true], .croft-page .loading-indicator'));
  }

  /** Does something again until it succeeds, as a person does: what cannot be done now may be done soon. */
  async again(step) {
    for (const end = Date.now() + SLOW; ;) {
      try {
        return await step();
      } catch (error) {
        if (Date.now() > end) {
          throw error;
        }
        await this.page.waitForTimeout(500);
      }
    }
  }

  async fill(id, text) {
    const found = this.page.getByTestId(id).first();

    await found.waitFor();
    const inner = await found.evaluate((e) => ['INPUT', 'TEXTAREA'].includes(e.tagName)) ? found : found.locator('input, textarea').first();

    await inner.fill(text);
    await inner.blur();
  }

  /** Writes into an editor, in the place of what is there, and leaves it. */
  async write(id, text) {
    await this.page.getByTestId(id).locator('.CodeMirror-lines').first().click();
    await this.page.keyboard.press('ControlOrMeta+A');
    await this.page.keyboard.insertText(text);
    await this.page.getByTestId(id).locator('textarea').first().blur();
  }

  /** What is written in an editor. */
  async written(id) {
    return this.page.getByTestId(id).locator('.CodeMirror').first().evaluate((element) => element.CodeMirror.getValue());
  }

  async choose(id, label) {
    const option = this.page.locator('.vs__dropdown-option', { hasText: label }).first();

    await this.again(async() => {
      await this.page.getByTestId(id).locator('.labeled-select').first().click();
      await option.click({ timeout: SOON }).catch(async(error) => {
        await this.page.keyboard.press('Escape');
        throw error;
      });
    });
  }

  /** Opens the menu of a machine or another object and chooses an entry. One that cannot be chosen stays so until the menu is opened anew. */
  async act(name, action, word = 'vm') {
    const entry = this.page.getByTestId(`croft-action-${ action }`);

    await this.again(async() => {
      const { enabled, reason } = (await this.menu(name, word)).find((one) => one.entry === action);

      if (!enabled) {
        await this.page.keyboard.press('Escape');
        throw new Error(`${ action } of ${ name } cannot be chosen: ${ reason }`);
      }
      await entry.click({ timeout: SOON });
    });
  }

  /** Waits until the machine's row shows a text. */
  async row(name, text) {
    await this.page.getByTestId(`croft-vm-row-${ name }`).filter({ hasText: text }).first().waitFor();
  }

  /** Opens the list of a kind at a site, by its cluster's id, where it has those whose name begins so. */
  async kind(word, page, site, name) {
    await this.go(`${ page }?${ new URLSearchParams({ site, q: name }) }`);
    await this.page.getByTestId(`croft-${ word }-site`).waitFor();
  }

  /** Waits until the row of an object shows a text. */
  async kindRow(word, name, text, timeout = SLOW) {
    await this.page.getByTestId(`croft-${ word }-row-${ name }`).filter({ hasText: text }).first().waitFor({ timeout });
  }

  /** Waits until something is there, and answers what it said at that moment: it may say something else at the next. */
  async says(selector) {
    const said = await this.page.waitForFunction((wanted) => document.querySelector(wanted)?.textContent.trim(), selector, { polling: 100 });

    return said.jsonValue();
  }

  /** Confirms what a dialog asks, and waits until it is taken. */
  async confirm() {
    await this.page.getByTestId('croft-dialog-confirm').click();
    await this.page.getByTestId('croft-dialog').waitFor({ state: 'detached' });
  }

  /** Types a line into the serial console. */
  async type(line) {
    await this.page.getByTestId('croft-console').click();
    await this.page.keyboard.type(`${ line }\n`, { delay: 15 });
  }

  /** Presses Enter until the guest's shell answers with its prompt. */
  async prompt() {
    await this.answers(/^root@\S+:~# *$/);
  }

  /** Presses Enter until the serial console shows a text that matches. */
  async answers(pattern) {
    for (const end = Date.now() + SLOW; ;) {
      await this.type('');
      const answered = await this.reads(pattern, 5_000).catch((error) => {
        if (Date.now() > end) {
          throw error;
        }
      });

      if (answered) {
        return;
      }
    }
  }

  /** Waits until the serial console shows a text that matches, and answers the match. */
  async reads(pattern, timeout = SLOW) {
    const rows = this.page.getByTestId('croft-console').locator('.xterm-rows');
    const handle = await this.page.waitForFunction(([element, source]) => {
      const text = Array.from(element.children).map((row) => row.textContent).join('\n').replace(/\u00a0/g, ' ');

      return new RegExp(source, 'm').exec(text)?.slice();
    }, [await rows.elementHandle(), pattern.source], { timeout });

    return handle.jsonValue();
  }

  /** Waits until the guest's screen shows something, which no dark canvas is. */
  async screen() {
    const canvas = await this.page.getByTestId('croft-vnc').locator('canvas').first().elementHandle();

    await this.page.waitForFunction((element) => {
      const { width, height } = element;
      const pixels = width && height ? element.getContext('2d').getImageData(0, 0, width, height).data : [];

      // Three of four bytes are colours; the fourth is how solid they are.
      return pixels.some((byte, i) => i % 4 !== 3 && byte > 100);
    }, canvas);
  }

  /** Another tab of the same session. */
  async tab() {
    const page = await this.page.context().newPage();

    page.setDefaultTimeout(SLOW);

    return new Page(this.browser, page);
  }

  /** Marks the document, so that it can be seen later whether it was loaded again meanwhile. */
  async mark() {
    await this.page.evaluate(() => {
      window.croftSeen = true;
    });
  }

  async marked() {
    return this.page.evaluate(() => window.croftSeen === true);
  }

  /** Opens the menu of a machine or another object, waits for its entries, and answers with the reasons of those that are disabled. */
  async menu(name, word = 'vm') {
    const button = this.page.getByTestId(`croft-${ word }-menu-${ name }`).first();
    const entries = this.page.getByRole('menuitem');

    await this.again(async() => {
      if (await button.getAttribute('aria-expanded') !== 'true') {
        await button.click();
      }
      await entries.first().waitFor({ timeout: SOON });
    });

    return entries.evaluateAll((all) => all.map((entry) => ({
      entry:   entry.dataset.testid.replace('croft-action-', ''),
      enabled: entry.getAttribute('aria-disabled') !== 'true',
      // One that many entries share is told once.
      reason:  (entry.querySelector('small') ?? document.getElementById(entry.getAttribute('aria-describedby')))?.textContent.trim() ?? '',
    })));
  }

  async shot(name) {
    await this.page.screenshot({ path: `${ CROFT_OUTPUT }/${ name }.png` });
  }

  async close() {
    await this.browser.close();
  }
}

/** Tells the test what was seen, and waits until it says to go on; a test that has ended says nothing more. */
const lines = createInterface({ input: process.stdin });
const ended = once(lines, 'close').then(() => {
  throw new Error('the test has ended');
});

ended.catch(() => {}); // nobody may be waiting

export async function tell(seen) {
  const goOn = once(lines, 'line');

  console.log(JSON.stringify(seen));
  await Promise.race([goOn, ended]);
}

/** Runs the steps of a script; a failure leaves a screenshot of what was there. */
export async function scenario(name, steps) {
  const page = await Page.open();

  try {
    await page.login();
    await steps(page);
  } catch (error) {
    await page.shot(`${ name }-failed`).catch(() => {});
    console.error(error);
    process.exitCode = 1;
  } finally {
    lines.close();
    await page.close();
  }
}
