/**
 * Mounts a page for a spec as the dashboard does: with its words, its store and its routes. Words are their keys, so
 * that a spec says which sentence it means. Only specs import this.
 */
import type { Component } from 'vue';
import { mount, type VueWrapper } from '@vue/test-utils';
import { createMemoryHistory, createRouter, type Router } from 'vue-router';
import { createStore } from 'vuex';
import { ROUTES } from '../product';

/** A key with what is put into its sentence. */
export function words(key: string, args?: Record<string, unknown>): string {
  return args && Object.keys(args).length ? `${ key } ${ Object.values(args).join(' ') }` : key;
}

jest.mock('@shell/composables/useI18n', () => ({ useI18n: () => ({ t: words }) }));

/** What the dashboard registers for all, and no spec looks at. */
const nothing = {};
const empty = { render: () => null };

/** What the shell's own components are warned of. */
const SHELL = /"_options" should not start with/;

export interface Mounted {
  page: VueWrapper;
  router: Router;
}

/** Mounts a component at a path of the product. */
export async function mounted(component: Component, props: Record<string, unknown> = {}, path = '/croft/c/_/virtualmachines'): Promise<Mounted> {
  const router = createRouter({
    history: createMemoryHistory(),
    routes:  ROUTES.map((route) => ({
      ...route, path: route.path.replace('/croft/', '/:product/'), component: empty
    }))
  });

  await router.push(path);

  const page = mount(component, {
    props,
    global: {
      plugins:    [router, createStore({ getters: { 'i18n/t': () => words } })],
      mocks:      { t: words },
      components: { 'v-select': empty, t: empty },
      config:     { warnHandler: (message) => SHELL.test(message) ? undefined : console.warn(message) }, // eslint-disable-line no-console
      directives: {
        'clean-html': nothing, 'clean-tooltip': nothing, 'stripped-aria-label': nothing, tooltip: nothing
      },
    },
    attachTo: document.body,
  });

  return { page, router };
}
