/** A cloud-init document that is kept to be used in machines: a ConfigMap with a label. */
import { named, words } from '../action/choice';
import { choice, lines, name, type Values } from '../action/form';
import type { Resource } from '../api/steve';
import { TYPE } from '../api/urls';
import type { Kind } from '../kind/kind';

export interface CloudConfig extends Resource {
  data?: Record<string, string>;
}

const LABEL = 'harvesterhci.io/cloud-init-template';
const KINDS = ['user', 'network'];
const KEY = 'cloudInit';

/** Whether it is of user data or of network data. */
export function useOf({ metadata }: CloudConfig): string {
  return metadata.labels?.[LABEL] ?? '';
}

export function newCloudConfig(values: Values): CloudConfig {
  return {
    type:       TYPE.configMap,
    apiVersion: 'v1',
    kind:       'ConfigMap',
    metadata:   {
      namespace: String(values.namespace), name: String(values.name).trim(), labels: { [LABEL]: String(values.use) }
    },
    data: { [KEY]: String(values.cloudInit) },
  };
}

export function withDocument(config: CloudConfig, document: string): CloudConfig {
  return { ...config, data: { ...config.data, [KEY]: document } };
}

export const CLOUD_CONFIG: Kind<CloudConfig> = {
  word:       'cloudconfig',
  page:       'cloudconfigs',
  type:       TYPE.configMap,
  namespaced: true,
  filter:     KINDS.map((kind) => `metadata.labels[${ LABEL }]=${ kind }`).join(','),
  cells:      [{ name: 'use', text: useOf }],
  verbs:      [],
  create:     {
    fields: {
      name: name(), namespace: choice(named(TYPE.namespace), 'default'), use: choice(words(...KINDS), 'user'), cloudInit: lines('#cloud-config\n')
    },
    object: (_random, values) => newCloudConfig(values),
  },
  edit: {
    fields: { cloudInit: lines() },
    values: ({ data }) => ({ cloudInit: data?.[KEY] ?? '' }),
    object: (config, { cloudInit }) => withDocument(config, String(cloudInit)),
  },
};
