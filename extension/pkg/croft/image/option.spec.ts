import type { Image } from '../api/image';
import { networkOptions } from '../network/option';
import { imageOptions } from './option';

const t = (key: string, args?: Record<string, unknown>) => args ? `${ key } ${ Object.values(args) }` : key;

describe('options', () => {
  it.each<[string, Image['status'], string, boolean]>([
    ['an image that is there, with the size of its disk', {
      size: 1, virtualSize: 2 ** 30, conditions: [{ type: 'Imported', status: 'True' }]
    }, 'tiny (default, 1 GiB)', false],
    ['one that is still coming', { progress: 42 }, 'tiny (default, croft.image.states.Importing 42%)', false],
    ['one that failed', { conditions: [{ type: 'Imported', status: 'False' }] }, 'tiny (default, croft.image.states.Failed 0%)', true],
  ])('of %s', (_reason, status, label, disabled) => {
    expect(imageOptions([{
      metadata: { name: 'image-x', namespace: 'default' }, spec: { displayName: 'tiny', sourceType: 'download' }, status
    }], t)).toStrictEqual([{
      value: 'default/image-x', label, disabled
    }]);
  });

  it('of networks begin with the one that is always there', () => {
    expect(networkOptions(['default/vlan1'], t)).toStrictEqual([{ value: '', label: 'croft.form.podNetwork' }, { value: 'default/vlan1', label: 'default/vlan1' }]);
  });
});
