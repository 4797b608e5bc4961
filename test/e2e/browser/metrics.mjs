// What a machine uses, on its page: node metrics.mjs
//   CROFT_SITE_ID, CROFT_NAMESPACE, CROFT_NAME  a running machine of a site without a Prometheus
// Prints why nothing is told; and, after a line, what the charts say once the site has a Prometheus and each has a number.
import { scenario, tell } from './page.mjs';

const { CROFT_SITE_ID, CROFT_NAMESPACE, CROFT_NAME } = process.env;

await scenario('metrics', async (p) => {
  const metrics = p.page.getByTestId('croft-metrics');

  await p.go(`virtualmachines/${ CROFT_SITE_ID }/${ CROFT_NAMESPACE }/${ CROFT_NAME }#metrics`);
  await tell({ trouble: await p.says('[data-testid="croft-metrics-trouble"]') });
  await metrics.filter({ hasText: "from the site's Prometheus" }).waitFor();
  await p.page.waitForFunction(() => {
    const said = [...document.querySelectorAll('[data-testid="croft-metrics"] section span')].map((one) => one.textContent);

    // The processor time of the first seconds, over five minutes, may be next to nothing.
    return said.length > 0 && said.every((one) => !one.includes('–')) && !/ 0\s*$/.test(said[0]);
  });
  await p.shot('metrics');
  await tell({ said: await metrics.locator('section span').evaluateAll((all) => all.map((one) => one.textContent.trim().replace(/\s+/g, ' '))) });
});
