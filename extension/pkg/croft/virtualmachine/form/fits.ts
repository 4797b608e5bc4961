/** What is said of how many machines fit at the site, before they are made. */
import type { Sentence } from '../../display/sentence';
import { needOf, shareOf, typeOf } from '../../machine-config/capacity';
import { fit } from '../../machine-config/fit';
import { told } from '../../machine-config/telling';
import type { Form } from './form';
import type { Offer } from './useOffer';

export interface Said {
  sentences: Sentence[];
  /** As many fit as are wanted. */
  enough: boolean;
}

/** Nothing where the size is none, or where the site does not tell what its nodes have left. */
export function saidOf(form: Form, offer: Offer): Said | undefined {
  const type = typeOf(form, offer);
  const cpuCount = form.cores * form.sockets * form.threads;
  const rooms = form.node ? offer.rooms?.filter(({ name }) => name === form.node) : offer.rooms;

  if (!rooms || (form.instanceType ? !type : !(cpuCount > 0 && form.memory > 0))) {
    return undefined;
  }

  const sized = {
    cpuCount, memorySize: form.memory, cpuPinning: false, isolateEmulatorThread: false, instanceType: form.instanceType, gpus: [], disks: form.disks.filter(({ source }) => source !== 'volume')
  };
  const need = needOf(sized, offer.overcommit, type);
  const fits = fit(rooms, need, shareOf(offer.shares ?? [], sized, need, type));
  const enough = fits.count >= form.count;

  return { sentences: [told(fits), ...(enough || !fits.count ? [] : [{ key: 'croft.form.tooMany', args: { wanted: form.count, count: fits.count } }])], enough };
}
