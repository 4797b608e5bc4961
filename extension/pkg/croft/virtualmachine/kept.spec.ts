import * as client from '../api/client';
import type { InstanceSpec } from '../api/kubevirt';
import { claimsOf, fetchKept } from './kept';

const spec: InstanceSpec = {
  domain:  { devices: { disks: [{ name: 'root' }, { name: 'data' }, { name: 'init' }] } },
  volumes: [
    { name: 'root', persistentVolumeClaim: { claimName: 'web-root' } }, { name: 'data', dataVolume: { name: 'web-data' } }, { name: 'init', cloudInitNoCloud: {} },
  ]
};
const snapshot = (name: string, claim: string, at: string) => ({
  metadata: {
    namespace: 'default', name, creationTimestamp: at
  },
  spec: { source: { persistentVolumeClaimName: claim } }
});

describe('what is kept of a machine', () => {
  it('is of the volumes that are its disks', () => {
    expect(claimsOf(spec)).toStrictEqual(['web-root', 'web-data']);
  });

  it('is the snapshots of these volumes, the latest first, and the backups of the machine', async() => {
    const request = jest.spyOn(client, 'request').mockImplementation(async(url) => url.startsWith('/v1/croft') ? { data: [{ name: 'nightly' }] } : { data: [snapshot('old', 'web-root', '2026-01-01T00:00:00Z'), snapshot('other', 'db-root', '2026-01-02T00:00:00Z'), snapshot('new', 'web-data', '2026-01-03T00:00:00Z')] });
    const { snapshots, backups } = await fetchKept({
      site: 'c-m-1', namespace: 'default', name: 'web'
    }, claimsOf(spec), new AbortController().signal);

    expect(snapshots.map(({ metadata }) => metadata.name)).toStrictEqual(['new', 'old']);
    expect(backups.map(({ name }) => name)).toStrictEqual(['nightly']);
    expect(request.mock.calls.map(([url]) => decodeURIComponent(url))).toStrictEqual([
      '/k8s/clusters/c-m-1/v1/harvester/snapshot.storage.k8s.io.volumesnapshot?filter=metadata.namespace=default',
      '/v1/croft/backups?site=c-m-1&filter=namespace=default&filter=machine=web&sort=-created',
    ]);
    request.mockRestore();
  });
});
