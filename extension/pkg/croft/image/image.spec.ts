import { ApiError } from '../api/client';
import type { Image } from '../api/image';
import {
  check, EMPTY, idOf, newImage, placed, stateOf, type ImageForm
} from './image';

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
    const form: ImageForm = {
      namespace: 'default', displayName: ' tiny ', sourceType: 'download', url: ' http://x/y ', checksum: ''
    };

    expect(newImage(form, 'abc')).toMatchObject({
      metadata: { name: 'image-abc', namespace: 'default' },
      spec:     {
        displayName: 'tiny', sourceType: 'download', url: 'http://x/y'
      }
    });
    expect(newImage(form, 'abc').spec).not.toHaveProperty('checksum');
    expect(newImage({ ...form, checksum: 'ff' }, 'abc').spec.checksum).toBe('ff');
    expect(newImage({ ...form, sourceType: 'upload' }, 'abc').spec).toStrictEqual({ displayName: 'tiny', sourceType: 'upload' });
    expect(idOf(newImage(form, 'abc'))).toBe('default/image-abc');
  });
});

describe('check', () => {
  const form = (change: Partial<ImageForm> = {}): ImageForm => ({
    ...EMPTY, displayName: 'tiny', url: 'http://x/tiny.qcow2', ...change
  });

  it.each([
    ['a form that is right', form(), []],
    ['nothing filled in', EMPTY, ['displayName', 'url']],
    ['a name of blanks', form({ displayName: ' ' }), ['displayName']],
    ['no namespace', form({ namespace: '' }), ['namespace']],
    ['a path, which is no URL', form({ url: '/disk.img' }), ['url']],
    ['a way of fetching that sites do not know', form({ url: 'ftp://x/y' }), ['url']],
    ['a checksum of another kind', form({ checksum: 'd41d8cd98f00b204e9800998ecf8427e' }), ['checksum']],
    ['an upload of nothing', form({ sourceType: 'upload', url: '' }), ['file']],
    ['an upload, which needs no URL', form({
      sourceType: 'upload', url: '', file: new File(['x'], 'x')
    }), []],
    ['a checksum that is one', form({ checksum: ` ${ 'a'.repeat(128) } ` }), []],
  ])('%s', (_reason, f, want) => {
    expect(Object.keys(check(f)).sort()).toStrictEqual(want);
  });
});

describe('placed', () => {
  it.each([
    ['the URL', 422, 'spec.url', 'url'],
    ['the checksum', 422, 'spec.checksum', 'checksum'],
    ['the name', 422, 'spec.displayName', 'displayName'],
    ['the namespace', 404, 'metadata.namespace', 'namespace'],
    ['a name that is taken, which no field is named for', 409, '', 'displayName'],
    ['no field of the form', 422, 'spec.retry', 'all'],
    ['no field at all', 403, '', 'all'],
  ])('%s', (_reason, status, fieldName, want) => {
    expect(placed(new ApiError(status, 'Invalid', 'no', fieldName))).toStrictEqual({ [want]: { text: 'no' } });
  });
});
