/** What is said of how many machines fit at the site, before they are made. */
import type { Sentence } from '../../display/sentence';
import { needOf, shareOf, typeOf } from '../../machine-config/capacity';
import { fit, type Share } from '../../machine-config/fit';
import { told } from '../../machine-config/telling';
import { isWanted } from './affinity';
import type { Form } from './form';
import type { Offer } from './useOffer';

export interface Said {
  sentences: Sentence[];
  /** As many fit as are wanted. */
  enough: boolean;
}

/** What is said where nodes are not known, which few may list: a limit of the namespace that the machines go over. */
function shortOf(share: Share, count: number): Said | undefined {
  const limit = Object.entries(share).find(([, { left, takes }]) => takes * count > left)?.[0];

  return limit ? { sentences: [{ key: 'croft.form.share', args: { limit } }], enough: false } : undefined;
}

/** Nothing where the size is none, or where nothing is known of what is left. */
export function saidOf(form: Form, offer: Offer): Said | undefined {
  const type = typeOf(form, offer);
  const cpuCount = form.cores * form.sockets * form.threads;
  const rooms = offer.rooms?.filter((room) => (!form.node || room.name === form.node) && isWanted(room, form.rules));

  if (form.instanceType ? !type : !(cpuCount > 0 && form.memory > 0)) {
    return undefined;
  }

  const sized = {
    cpuCount, memorySize: form.memory, cpuPinning: false, isolateEmulatorThread: false, instanceType: form.instanceType, gpus: form.devices, disks: form.disks.filter(({ source }) => source !== 'volume')
  };
  const need = needOf(sized, offer.overcommit, type);
  const share = shareOf(offer.shares ?? [], sized, need, type);

  if (!rooms) {
    return shortOf(share, form.count);
  }

  const fits = fit(rooms, need, share);
  const enough = fits.count >= form.count;

  return { sentences: [told(fits), ...(enough || !fits.count ? [] : [{ key: 'croft.form.tooMany', args: { wanted: form.count, count: fits.count } }])], enough };
}
