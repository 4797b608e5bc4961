/** The product in the dashboard's menu, and the route of each of its pages. */
import type { IPlugin } from '@shell/core/types';
import {
  CLUSTER, PAGES, PRODUCT, to, type Page
} from './pages';
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

  PAGES.forEach((page, i) => virtualType({
    name:       `croft-${ page }`,
    labelKey:   `croft.page.${ page }`,
    namespaced: false,
    weight:     PAGES.length - i,
    route:      to(page),
  }));

  basicType(PAGES.map((page) => `croft-${ page }`));
  followStandalone(store);
}

type Loader = () => Promise<unknown>;

/** The page of each entry of the menu, loaded when it is first opened. */
const MENU: Record<typeof PAGES[number], Loader> = {
  virtualmachines: () => import('./virtualmachine/List.vue'),
  overview:        () => import('./overview/Overview.vue'),
  backups:         () => import('./backup/List.vue'),
  networks:        () => import('./network/List.vue'),
  loadbalancers:   () => import('./loadbalancer/List.vue'),
  bulkoperations:  () => import('./bulkoperation/List.vue'),
  guestclusters:   () => import('./guestcluster/List.vue'),
  sites:           () => import('./site/List.vue'),
  images:          () => import('./image/List.vue'),
  volumes:         () => import('./volume/List.vue'),
  snapshots:       () => import('./snapshot/List.vue'),
  storageclasses:  () => import('./storageclass/List.vue'),
  templates:       () => import('./template/List.vue'),
  keypairs:        () => import('./keypair/List.vue'),
  cloudconfigs:    () => import('./cloudconfig/List.vue'),
  nodes:           () => import('./node/List.vue'),
  quotas:          () => import('./quota/List.vue'),
  credentials:     () => import('./credential/List.vue'),
  settings:        () => import('./setting/List.vue'),
};

function route(page: Page, path: string, component: Loader) {
  return {
    name: to(page).name, path: `${ PATH }/${ path }`, meta, component
  };
}

export const ROUTES = [
  ...PAGES.map((page) => route(page, page, MENU[page])),
  route('virtualmachines-create', 'virtualmachines/create', () => import('./virtualmachine/Create.vue')),
  route('virtualmachines-machine', 'virtualmachines/:site/:namespace/:name', () => import('./virtualmachine/Machine.vue')),
  route('virtualmachines-edit', 'virtualmachines/:site/:namespace/:name/edit', () => import('./virtualmachine/Edit.vue')),
  route('sites-site', 'sites/:site', () => import('./site/Site.vue')),
  route('guestclusters-cluster', 'guestclusters/:namespace/:name', () => import('./guestcluster/Cluster.vue')),
  route('bulkoperations-operation', 'bulkoperations/:name', () => import('./bulkoperation/Operation.vue')),
];

/** Pages that are a window of their own, without the dashboard around them. */
export const WINDOWS = [
  route('virtualmachines-window', 'windows/:site/:namespace/:name/:console(console|vnc)', () => import('./virtualmachine/Window.vue')),
];
