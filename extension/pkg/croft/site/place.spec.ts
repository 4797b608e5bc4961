import * as client from '../api/client';
import {
  placed, refuseNowhere, say, valuesOf, type SiteObject
} from './place';

const site = (labels: Record<string, string> = {}, location?: object): SiteObject => ({ metadata: { name: 'c-m-1', labels }, spec: { displayName: 'north', location } });

describe('what people say of a site', () => {
  it.each([
    ['nothing yet', site(), {
      place: '', latitude: '', longitude: '', region: '', environment: ''
    }],
    ['all of it', site({ region: 'eu', env: 'prod' }, {
      name: 'Berlin', latitude: '52.52', longitude: '13.405'
    }), {
      place: 'Berlin', latitude: '52.52', longitude: '13.405', region: 'eu', environment: 'prod'
    }],
    ['the region as Kubernetes says it before all', site({ 'topology.kubernetes.io/region': 'eu-1', region: 'eu' }), {
      place: '', latitude: '', longitude: '', region: 'eu-1', environment: ''
    }],
  ])('is read: %s', (_reason, from, want) => {
    expect(valuesOf(from)).toStrictEqual(want);
  });

  it.each([
    ['nowhere', {}, undefined],
    ['somewhere', { latitude: '-52.52', longitude: '180' }, undefined],
    ['too far north', { latitude: '91', longitude: '1' }, 'spec.location.latitude'],
    ['in words', { latitude: '1', longitude: 'west' }, 'spec.location.longitude'],
    ['on a whole meridian', { longitude: '13.405' }, 'spec.location.latitude'],
    ['on a whole parallel', { latitude: '52.52' }, 'spec.location.longitude'],
  ])('is looked at before it is written: %s', (_reason, values, field) => {
    const looked = () => refuseNowhere(values);

    if (field) {
      expect(looked).toThrow(expect.objectContaining({ fieldName: field }));
    } else {
      expect(looked).not.toThrow();
    }
  });

  it.each([
    ['where it was not said', site({ team: 'a' }), { place: ' Berlin ', region: 'eu' }, { team: 'a', region: 'eu' }, { name: 'Berlin' }],
    ['where it was said already', site({ env: 'test' }), { environment: 'prod' }, { env: 'prod' }, undefined],
    ['as nothing, where it was emptied', site({ region: 'eu', env: 'test' }, { name: 'Berlin' }), {
      place: '', region: '', environment: ''
    }, {}, undefined],
    ['with its degrees', site(), { latitude: '52.52', longitude: '13.405' }, {}, { latitude: '52.52', longitude: '13.405' }],
  ])('is written %s', (_reason, from, values, labels, location) => {
    const { metadata, spec } = placed(from, values);

    expect(metadata.labels).toStrictEqual(labels);
    expect(spec).toStrictEqual({ displayName: 'north', location });
  });

  it('is written over what the hub writes, and not over what somebody else says', async() => {
    const request = jest.spyOn(client, 'request');
    const known = valuesOf(site({ region: 'eu' }));
    const filled = { ...known, place: 'Berlin' };

    request.mockImplementation(async(_url, { body } = {}) => body ?? {
      ...site({ region: 'eu' }),
      metadata: {
        name: 'c-m-1', resourceVersion: '7', labels: { region: 'eu' }
      }
    });
    await expect(say('c-m-1', known, filled)).resolves.toStrictEqual(filled);
    expect(request).toHaveBeenLastCalledWith('/v1/crofthci.io.sites/c-m-1', expect.objectContaining({
      method: 'PUT',
      body:   expect.objectContaining({
        metadata: {
          name: 'c-m-1', resourceVersion: '7', labels: { region: 'eu' }
        }
      })
    }));

    request.mockResolvedValue(site({ region: 'us' }));
    await expect(say('c-m-1', known, filled)).rejects.toMatchObject({ status: 409, sentence: { key: 'croft.site.changed' } });
    request.mockRestore();
  });
});
