/** What the selects of the form list. */
import type { Site } from '../api/fleet';
import type { Image } from '../api/image';
import { bytes } from '../display/quantity';
import type { Translate } from '../display/sentence';
import { idOf, stateOf } from '../image/image';
import { isConnected, nameOf } from '../site/freshness';

export interface Option {
  value: string;
  label: string;
  disabled?: boolean;
}

/** Sites; one that is away can be seen and not chosen. */
export function siteOptions(sites: Site[], t: Translate): Option[] {
  return sites.map((site) => {
    const here = isConnected(site);

    return {
      value: site.id, label: here ? nameOf(site) : t('croft.form.siteAway', { site: nameOf(site) }, true), disabled: !here
    };
  });
}

/** Images with their size, or how far they are; one whose import failed cannot be chosen. */
export function imageOptions(images: Image[], t: Translate): Option[] {
  return images.map((image) => {
    const { name, progress } = stateOf(image);
    const detail = name === 'Ready' ? bytes(image.status?.virtualSize ?? image.status?.size) : `${ t(`croft.image.states.${ name }`) } ${ progress }%`;

    return {
      value: idOf(image), label: `${ image.spec.displayName } (${ image.metadata.namespace }, ${ detail })`, disabled: name === 'Failed'
    };
  });
}

/** The network that every site has, and those of its own. */
export function networkOptions(networks: string[], t: Translate): Option[] {
  return [{ value: '', label: t('croft.form.podNetwork') }, ...networks.map((id) => ({ value: id, label: id }))];
}
