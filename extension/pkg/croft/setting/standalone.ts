/**
 * A hub without Rancher has this one product only. Its server says so with a setting, so that
 * one build of the extension serves both: in Rancher the setting is absent.
 */
import { to } from '../pages';
import { LOGO } from './logo';

export const SETTING = 'croft-standalone';
const SETTING_TYPE = 'management.cattle.io.setting';

/** Of the dashboard's store, what is used here. */
export interface DashboardStore {
  getters: Record<string, unknown>;
  dispatch(action: string, payload?: unknown): Promise<unknown>;
  watch<T>(get: () => T, changed: (value: T) => void): () => void;
}

type ById = (type: string, id: string) => { value?: string } | undefined;

export function isStandalone(store: Pick<DashboardStore, 'getters'>): boolean {
  const byId = store.getters['management/byId'] as ById | undefined;

  return byId?.(SETTING_TYPE, SETTING)?.value === 'true';
}

const single = {
  productName:       'croft',
  productNameKey:    'product.croft',
  logo:              LOGO,
  getVersionInfo:    () => ({ displayVersion: '', fullVersion: '' }),
  afterLoginRoute:   to('virtualmachines'),
  logoRoute:         to('virtualmachines'),
  supportCustomLogo: false,
};

const RELEASE_NOTES = 'release-notes-';

/** The dashboard greets with the notes of a Rancher that is not there. */
function withoutReleaseNotes(store: DashboardStore): void {
  store.watch(() => {
    const all = store.getters['notifications/all'] as { id: string }[] | undefined;

    return all?.find(({ id }) => id.startsWith(RELEASE_NOTES))?.id;
  }, (id) => {
    if (id) {
      store.dispatch('notifications/remove', id);
    }
  });
}

/** Makes Croft the dashboard's only product as soon as the setting is known and says so. */
export function followStandalone(store: DashboardStore): void {
  const apply = (standalone: boolean) => {
    if (standalone && !store.getters.isSingleProduct) {
      store.dispatch('setIsSingleProduct', single);
      withoutReleaseNotes(store);
    }
  };

  apply(isStandalone(store));
  store.watch(() => isStandalone(store), apply);
}
