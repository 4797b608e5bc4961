import { followStandalone, isStandalone, type DashboardStore } from './standalone';

function dashboard(value?: string) {
  const setting = { value };
  const getters: Record<string, unknown> = { 'management/byId': (_type: string, id: string) => id === 'croft-standalone' && setting.value ? setting : undefined };
  let changed: (value: boolean) => void = () => undefined;
  const store: DashboardStore = {
    getters,
    dispatch: jest.fn().mockResolvedValue(undefined),
    watch:    (_get, call) => {
      changed = call as (value: boolean) => void;

      return () => undefined;
    },
  };

  return {
    store,
    arrive: (now: string) => {
      setting.value = now;
      changed(isStandalone(store));
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
});
