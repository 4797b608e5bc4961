import * as client from '../api/client';
import {
  clusterOf, idOf, importSite, leave, registrationOf
} from './joining';

const cluster = (name: string, clusterName?: string) => ({ metadata: { namespace: 'fleet-default', name }, status: { clusterName } });

describe('a site', () => {
  const request = jest.spyOn(client, 'request');

  beforeEach(() => request.mockReset());
  afterAll(() => jest.restoreAllMocks());

  it('is imported as a cluster of machines', async() => {
    request.mockResolvedValue(undefined);
    await importSite('north');

    expect(request).toHaveBeenCalledWith('/v1/provisioning.cattle.io.clusters', {
      method: 'POST',
      body:   {
        type:     'provisioning.cattle.io.cluster',
        metadata: {
          namespace: 'fleet-default', name: 'north', labels: { 'provider.cattle.io': 'harvester' }
        },
        spec: {}
      }
    });
  });

  it.each([
    ['once the hub has given it one', cluster('north', 'c-m-1'), 'c-m-1'],
    ['not before', { ...cluster('north'), status: undefined }, ''],
  ])('has an id %s', async(_reason, answer, want) => {
    request.mockResolvedValue(answer);

    await expect(idOf('north')).resolves.toBe(want);
    expect(request.mock.calls[0][0]).toBe('/v1/provisioning.cattle.io.clusters/fleet-default/north');
  });

  it.each([
    ['its own', [cluster('north', 'c-m-1')], 'north'],
    ['none, where the hub found more than was asked for', [cluster('north', 'c-m-10')], undefined],
    ['none, where the caller sees none', [], undefined],
  ])('has as cluster %s', async(_reason, data, want) => {
    request.mockResolvedValue({ data });

    expect((await clusterOf('c-m-1'))?.metadata.name).toBe(want);
    expect(request.mock.calls[0][0]).toBe('/v1/provisioning.cattle.io.clusters?filter=status.clusterName%3Dc-m-1');
  });

  it.each([403, 404])('tells nobody by what it joins whom the hub answers %d', async(status) => {
    request.mockRejectedValue(client.errorOf(status, ''));

    await expect(registrationOf('c-m-1')).resolves.toBeUndefined();
  });

  it('tells of trouble with it', async() => {
    request.mockRejectedValue(client.errorOf(500, ''));

    await expect(registrationOf('c-m-1')).rejects.toMatchObject({ status: 500 });
  });

  it('leaves with its cluster', async() => {
    request.mockResolvedValue(undefined);
    await leave(cluster('north', 'c-m-1'));

    expect(request).toHaveBeenCalledWith('/v1/provisioning.cattle.io.clusters/fleet-default/north', { method: 'DELETE' });
  });
});
