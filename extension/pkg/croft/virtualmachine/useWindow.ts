/** A console's own window: one for each console, which is brought to the front where it is open already. */
import { useRouter } from 'vue-router';
import type { Target } from '../action/target';
import { toWindow } from '../pages';
import type { Console } from './right';

export function useWindow(): (target: Target, console: Console) => void {
  const router = useRouter();

  return ({ site, namespace, name }, console) => {
    const { href } = router.resolve(toWindow(site, namespace, name, console));

    window.open(href, ['croft', console, site, namespace, name].join(' '), 'popup,width=960,height=680');
  };
}
