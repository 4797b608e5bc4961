import { followStandalone, type DashboardStore } from './standalone';

function dashboard(value?: string) {
  const setting = { value };
  const getters: Record<string, unknown> = { 'management/byId': (_type: string, id: string) => id === 'croft-standalone' && setting.value ? setting : undefined };
  const watchers: { get: () => unknown; changed: (value: unknown) => void }[] = [];
  const store: DashboardStore = {
    getters,
    dispatch: jest.fn().mockResolvedValue(undefined),
    watch:    (get, changed) => {
      watchers.push({ get, changed: changed as (value: unknown) => void });

      return () => undefined;
    },
  };

  return {
    store,
    arrive: (now: string) => {
      setting.value = now;
      [...watchers].forEach((w) => w.changed(w.get()));
    },
    notify: (id: string) => {
      getters['notifications/all'] = [{ id }];
      watchers.forEach((w) => w.changed(w.get()));
    },
  };
}

describe('followStandalone', () => {
  it('leaves Rancher’s dashboard as it is', () => {
    const { store } = dashboard();

    followStandalone(store);

    expect(store.dispatch).not.toHaveBeenCalled();
  });

  it('makes Croft the only product of a hub without Rancher', () => {
    const { store } = dashboard('true');

    followStandalone(store);

    expect(store.dispatch).toHaveBeenCalledWith('setIsSingleProduct', expect.objectContaining({ productName: 'croft' }));
  });

  it('waits for settings that arrive later', () => {
    const { store, arrive } = dashboard();

    followStandalone(store);
    arrive('true');

    expect(store.dispatch).toHaveBeenCalledTimes(1);
  });

  it('does not do again what is done', () => {
    const { store } = dashboard('true');

    store.getters.isSingleProduct = {};
    followStandalone(store);

    expect(store.dispatch).not.toHaveBeenCalled();
  });

  it.each([
    ['the notes of a Rancher that is not there', 'true', 'release-notes-v2.15.0', true],
    ['no other notification', 'true', 'something-else', false],
    ['nothing in Rancher', undefined, 'release-notes-v2.15.0', false],
  ])('takes away %s', (_reason, value, id, removed) => {
    const { store, notify } = dashboard(value);

    followStandalone(store);
    notify(id);

    expect((store.dispatch as jest.Mock).mock.calls.filter(([action]) => action === 'notifications/remove')).toStrictEqual(removed ? [['notifications/remove', id]] : []);
  });
});
