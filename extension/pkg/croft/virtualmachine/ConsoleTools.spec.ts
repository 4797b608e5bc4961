import { mounted } from '../testing/mount';
import ConsoleTools from './ConsoleTools.vue';

describe('the tools of a console', () => {
  const open = (props: object = {}) => mounted(ConsoleTools, {
    keys: ['Ctrl+C', 'Esc'], disabled: false, ...props
  });

  it('press keys, as often as they are chosen', async() => {
    const { page } = await open();
    const keys = page.find<HTMLSelectElement>('[data-testid="croft-console-keys"]');

    await keys.setValue('Esc');
    expect(keys.element.value).toBe('');
    await keys.setValue('Esc');
    expect(page.emitted('press')).toStrictEqual([['Esc'], ['Esc']]);
    page.unmount();
  });

  it('type a text, and are out of the way then', async() => {
    const { page } = await open();

    await page.find('[data-testid="croft-console-paste"]').trigger('click');
    await page.find('[data-testid="croft-console-text"]').setValue('ls\n');
    await page.find('form').trigger('submit');
    expect(page.emitted('type')).toStrictEqual([['ls\n']]);
    expect(page.find('[data-testid="croft-console-text"]').exists()).toBe(false);
    page.unmount();
  });

  it.each([
    ['cannot be used without a line', { disabled: true }, true, true],
    ['open a window once', { alone: true }, false, false],
  ])('%s', async(_reason, props, disabled, window) => {
    const { page } = await open(props);

    expect(page.find('[data-testid="croft-console-keys"]').attributes('disabled') !== undefined).toBe(disabled);
    expect(page.find('[data-testid="croft-console-paste"]').attributes('disabled') !== undefined).toBe(disabled);
    expect(page.find('[data-testid="croft-console-window"]').exists()).toBe(window);
    page.unmount();
  });
});
