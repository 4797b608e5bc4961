/**
 * Croft in the Rancher Dashboard: one product with every machine of every site.
 * This is the list of what it brings; each page's folder has its capability's word.
 */
import type { IPlugin } from '@shell/core/types';
import { DRIVER } from './guestcluster/driver';
import * as product from './product';
import { LOGO } from './setting/logo';

export default function(plugin: IPlugin): void {
  plugin.metadata = require('./package.json');

  plugin.addL10n('en-us', () => import('./l10n/en-us.yaml'));
  plugin.addL10n('zh-hans', () => import('./l10n/zh-hans.yaml'));

  plugin.addProduct(product as any); // eslint-disable-line @typescript-eslint/no-explicit-any
  plugin.addRoutes(product.ROUTES);
  plugin.addRoutes(product.WINDOWS.map((route) => ({ parent: 'blank', route })));

  plugin.register('cloud-credential', DRIVER, () => import('./cloud-credential/croft.vue'));
  plugin.register('machine-config', DRIVER, () => import('./machine-config/croft.vue'));
  // The shell takes an image's address too, and does not say so.
  plugin.register('image', `providers/${ DRIVER }.svg`, LOGO as any); // eslint-disable-line @typescript-eslint/no-explicit-any
}
