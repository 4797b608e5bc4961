import { mounted } from '../testing/mount';
import type { Phase } from './console';
import ConsoleStatus from './ConsoleStatus.vue';

describe('the line over a console', () => {
  it.each<[Phase, string, string | undefined]>([
    ['open', 'croft.console.open 0', undefined],
    ['waiting', 'croft.console.waiting 4', 'croft.console.retry'],
    ['taken', 'croft.console.taken 4', 'croft.console.takeBack'],
    ['forbidden', 'croft.console.forbidden 0', undefined],
  ])('says what is, and offers what can be done: %s', async(phase, said, button) => {
    const { page } = await mounted(ConsoleStatus, { phase, waitMs: phase === 'waiting' || phase === 'taken' ? 4_000 : 0 });
    const retry = page.find('[data-testid="croft-console-retry"]');

    expect(page.find('[data-testid="croft-console-status"]').text()).toBe(said);
    expect(retry.exists() ? retry.text() : undefined).toBe(button);
    if (button) {
      await retry.trigger('click');
      expect(page.emitted('retry')).toHaveLength(1);
    }
    page.unmount();
  });
});
