// What a site refuses, shown where it was typed: node form.mjs
//   CROFT_SITE, CROFT_IMAGE  what to choose
//   CROFT_TAKEN              the name of a machine that exists
// Prints the refusal of the name, waits for a line, and prints the refusal of the image, which is gone by then.
import { scenario, tell } from './page.mjs';

const { CROFT_SITE, CROFT_IMAGE, CROFT_TAKEN } = process.env;

/** The refusal at a field, and whether the field's input names it as its description. */
async function refusal(p, word) {
  const text = p.page.getByTestId(`croft-refusal-${ word }`);

  await text.waitFor();
  const [id, said] = [await text.getAttribute('id'), await text.textContent()];

  return { said: said.trim(), described: await p.page.locator(`[aria-describedby="${ id }"]`).count() > 0, url: p.page.url() };
}

await scenario('form', async (p) => {
  await p.go('virtualmachines/create');
  await p.choose('croft-form-site', CROFT_SITE);
  await p.choose('croft-form-image-0', CROFT_IMAGE);
  await p.fill('croft-form-name', CROFT_TAKEN);
  await p.page.getByTestId('croft-form-name').press('Enter');
  const name = await refusal(p, 'name');

  await p.shot('13-refused-name');
  await tell(name);

  await p.fill('croft-form-name', `${ CROFT_TAKEN }-not`);
  await p.page.getByTestId('croft-form-save').click();
  const image = await refusal(p, 'image-0');

  await p.shot('14-refused-image');
  await tell(image);
});
