import { newVolume, resized, sizeOf, type Volume } from './volume';

const volume = (change: Partial<Volume> = {}): Volume => ({
  metadata: { name: 'data', namespace: 'default' }, spec: { volumeMode: 'Block', resources: { requests: { storage: '2Gi' } } }, ...change
});

describe('a volume', () => {
  it.each([
    ['what was asked for, until it is there', volume(), '2 GiB'],
    ['what is there', volume({ status: { capacity: { storage: '3Gi' } } }), '3 GiB'],
    ['nothing that is no size', volume({ spec: { resources: { requests: { storage: '' } } } }), ''],
  ])('has the size of %s', (_reason, v, want) => {
    expect(sizeOf(v)).toBe(want);
  });

  it.each([
    ['blank, of the site’s default class', { imageId: '', storageClassName: '' }, undefined, undefined],
    ['blank, of a class', { imageId: '', storageClassName: 'fast' }, undefined, 'fast'],
    ['of an image, whose class it has', { imageId: 'lh-1 default/tiny', storageClassName: '' }, { 'harvesterhci.io/imageId': 'default/tiny' }, 'lh-1'],
    ['of an image, of another class', { imageId: 'lh-1 default/tiny', storageClassName: 'fast' }, { 'harvesterhci.io/imageId': 'default/tiny' }, 'fast'],
  ])('is made %s', (_reason, values, annotations, storageClassName) => {
    const made = newVolume({
      name: ' data ', namespace: 'default', storage: '1Gi', ...values
    });

    expect(made.metadata.name).toBe('data');
    expect(made.metadata.annotations).toStrictEqual(annotations);
    expect(made.spec.storageClassName).toBe(storageClassName);
  });

  it('grows and stays what it is', () => {
    expect(resized(volume(), '4Gi').spec).toStrictEqual({ volumeMode: 'Block', resources: { requests: { storage: '4Gi' } } });
  });
});
