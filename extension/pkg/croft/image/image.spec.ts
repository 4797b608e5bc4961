import type { Image } from '../api/image';
import { idOf, newImage, stateOf } from './image';

const image = (status?: Image['status']): Image => ({
  metadata: { name: 'image-x', namespace: 'default' }, spec: { displayName: 'tiny', sourceType: 'download' }, status
});

describe('stateOf', () => {
  it.each([
    ['not begun', undefined, 'Importing', 0, ''],
    ['under way', { progress: 42, conditions: [{ type: 'Imported', status: 'Unknown' }] }, 'Importing', 42, ''],
    ['done', { progress: 99, conditions: [{ type: 'Imported', status: 'True' }] }, 'Ready', 100, ''],
    ['failed, with the reason', {
      progress:   3,
      conditions: [{
        type: 'Imported', status: 'False', message: '404 Not Found'
      }]
    }, 'Failed', 3, '404 Not Found'],
    ['given up', {
      conditions: [{
        type: 'RetryLimitExceeded', status: 'True', message: 'tried 3 times'
      }]
    }, 'Failed', 0, 'tried 3 times'],
  ])('%s', (_reason, status, name, progress, message) => {
    expect(stateOf(image(status))).toStrictEqual({
      name, progress, message
    });
  });
});

describe('newImage', () => {
  it('asks for a download, with a checksum only where one was given', () => {
    const form = {
      namespace: 'default', displayName: ' tiny ', url: ' http://x/y ', checksum: ''
    };

    expect(newImage(form, 'abc')).toMatchObject({
      metadata: { name: 'image-abc', namespace: 'default' },
      spec:     {
        displayName: 'tiny', sourceType: 'download', url: 'http://x/y'
      }
    });
    expect(newImage(form, 'abc').spec).not.toHaveProperty('checksum');
    expect(newImage({ ...form, checksum: 'ff' }, 'abc').spec.checksum).toBe('ff');
    expect(idOf(newImage(form, 'abc'))).toBe('default/image-abc');
  });
});
