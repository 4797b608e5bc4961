/** The images of a form's choice. */
import type { Option } from '../action/choice';
import type { Image } from '../api/image';
import { bytes } from '../display/quantity';
import type { Translate } from '../display/sentence';
import { idOf, stateOf } from './image';

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
