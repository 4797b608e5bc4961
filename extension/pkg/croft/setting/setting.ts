/** One knob of a site: its value, or the default that is in force without one. */
import { lines, optional } from '../action/form';
import type { Condition } from '../api/fleet';
import type { Resource } from '../api/steve';
import { TYPE } from '../api/urls';
import type { Kind } from '../kind/kind';

export interface Setting extends Resource {
  value?: string;
  default?: string;
  customized?: boolean;
  status?: { conditions?: Condition[] };
}

/** The setting with a value; none means the default. */
export function valued(setting: Setting, value: string): Setting {
  return { ...setting, value: value.trim() };
}

export const SETTING: Kind<Setting> = {
  word:       'setting',
  page:       'settings',
  type:       TYPE.setting,
  namespaced: false,
  cells:      [
    {
      name: 'value', text: ({ value }) => value ?? '', long: true
    },
    {
      name: 'default', text: (setting) => setting.default ?? '', long: true
    },
  ],
  verbs: [],
  edit:  {
    fields: { value: optional(lines()) },
    values: (setting) => ({ value: setting.value || setting.default || '' }),
    object: (setting, { value }) => valued(setting, String(value)),
  },
};
