/** The sites of a form's choice. */
import type { Option } from '../action/choice';
import type { Site } from '../api/fleet';
import type { Translate } from '../display/sentence';
import { isConnected, nameOf } from './freshness';

/** Sites; one that is away can be seen and not chosen. */
export function siteOptions(sites: Site[], t: Translate): Option[] {
  return sites.map((site) => {
    const here = isConnected(site);

    return {
      value: site.id, label: here ? nameOf(site) : t('croft.form.siteAway', { site: nameOf(site) }, true), disabled: !here
    };
  });
}
