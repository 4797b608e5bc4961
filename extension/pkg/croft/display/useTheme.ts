/** The theme for what is drawn: a canvas does not follow it by itself. */
import { onBeforeUnmount, onMounted } from 'vue';

/** A colour of the theme, as its variable is called. */
export function themeColour(name: string): string {
  return getComputedStyle(document.body).getPropertyValue(name).trim() || '#888';
}

/** Draws when the page is there, and again when it is made light or dark, which a class of its body says. */
export function useTheme(draw: () => void): void {
  const themed = new MutationObserver(draw);

  onMounted(() => {
    draw();
    themed.observe(document.body, { attributeFilter: ['class'] });
  });
  onBeforeUnmount(() => themed.disconnect());
}
