/** The product in the dashboard's menu, and the route of each of its pages. */
import type { IPlugin } from '@shell/core/types';
import { PAGES, PRODUCT, CLUSTER, to } from './pages';
import { followStandalone, type DashboardStore } from './setting/standalone';

const PATH = `/${ PRODUCT }/c/:cluster`;
const meta = {
  product: PRODUCT, cluster: CLUSTER, pkg: PRODUCT
};

/** Called by the dashboard when it has loaded the extension. */
export function init(plugin: IPlugin, store: DashboardStore): void {
  const { product, virtualType, basicType } = plugin.DSL(store, PRODUCT);

  product({
    icon:                'harvester',
    inStore:             'management',
    removable:           false,
    showClusterSwitcher: false,
    weight:              90,
    to:                  to('virtualmachines'),
  });

  PAGES.forEach(({ page, weight }) => virtualType({
    name:       `croft-${ page }`,
    labelKey:   `croft.page.${ page }`,
    namespaced: false,
    weight,
    route:      to(page),
  }));

  basicType(PAGES.map(({ page }) => `croft-${ page }`));
  followStandalone(store);
}

/** Every page, loaded when it is first opened. */
export const ROUTES = [
  {
    name: 'croft-c-cluster-virtualmachines', path: `${ PATH }/virtualmachines`, meta, component: () => import('./virtualmachine/List.vue')
  },
  {
    name: 'croft-c-cluster-virtualmachines-create', path: `${ PATH }/virtualmachines/create`, meta, component: () => import('./virtualmachine/Create.vue')
  },
  {
    name: 'croft-c-cluster-virtualmachines-machine', path: `${ PATH }/virtualmachines/:site/:namespace/:name`, meta, component: () => import('./virtualmachine/Machine.vue')
  },
  {
    name: 'croft-c-cluster-sites', path: `${ PATH }/sites`, meta, component: () => import('./site/List.vue')
  },
  {
    name: 'croft-c-cluster-images', path: `${ PATH }/images`, meta, component: () => import('./image/List.vue')
  },
];
