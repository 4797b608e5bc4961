import { flushPromises, mount } from '@vue/test-utils';
import * as client from '../api/client';
import * as sending from '../api/upload';
import { EMPTY } from './image';
import { useUpload, type Adding } from './useUpload';

const AT = '/k8s/clusters/c-m-1/v1/harvester/harvesterhci.io.virtualmachineimage';
const form = {
  ...EMPTY, displayName: 'tiny', sourceType: 'upload' as const, file: new File(['12345'], 'tiny.qcow2')
};

describe('an image from a file of the reader’s', () => {
  let adding: Adding;
  const request = jest.spyOn(client, 'request');
  const upload = jest.spyOn(sending, 'upload');

  beforeEach(() => {
    request.mockReset().mockResolvedValue({ metadata: { namespace: 'default', name: 'image-x' } });
    upload.mockReset();
    mount({
      setup() {
        adding = useUpload('c-m-1');

        return () => null;
      }
    });
  });
  afterAll(() => jest.restoreAllMocks());

  it('is asked for, and then filled', async() => {
    let finish = () => {};

    upload.mockImplementation((_url, _file, { progress }) => new Promise((resolve) => {
      progress(2);
      finish = resolve;
    }));
    const done = adding.add(form);

    await flushPromises();
    expect(upload.mock.calls[0][0]).toBe(`${ AT }/default/image-x?action=upload&size=5`);
    expect(adding.sent.value).toBe(40);

    finish();
    await done;
    expect(adding.sent.value).toBeUndefined();
    expect(request).toHaveBeenCalledTimes(1);
  });

  it('does not stay without its bytes', async() => {
    upload.mockImplementation((_url, _file, { signal }) => new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
    }));
    const done = adding.add(form);

    await flushPromises();
    adding.abort();
    await expect(done).rejects.toMatchObject({ name: 'AbortError' });
    expect(request).toHaveBeenLastCalledWith(`${ AT }/default/image-x`, { method: 'DELETE' });
  });

  it('is sent again from its beginning after a lost connection, by the same name and without what the first try left', async() => {
    const gone = new client.ApiError(0, 'Unreachable', 'the connection was lost');

    upload.mockImplementationOnce(async(_url, _file, { progress }) => {
      progress(3);
      throw gone;
    }).mockResolvedValue(undefined);
    request.mockImplementation(async(_url, options) => {
      if (options?.method === 'DELETE') {
        throw gone;
      }

      return { metadata: { namespace: 'default', name: 'image-x' } };
    });
    await expect(adding.add(form)).rejects.toMatchObject({ sentence: { key: 'croft.image.lost', args: { percent: 60 } } });
    expect(adding.lost.value).toBe(true);

    request.mockClear().mockResolvedValue({ metadata: { namespace: 'default', name: 'image-y' } });
    await adding.add(form);
    expect(adding.lost.value).toBe(false);
    expect(request.mock.calls.map(([url, options]) => [options?.method, url])).toStrictEqual([['DELETE', `${ AT }/default/image-x`], ['POST', AT]]);
    expect(upload.mock.calls[1][1]).toBe(form.file);
  });
});
