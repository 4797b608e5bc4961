import type { ClaimTemplate, InstanceSpec } from '../api/kubevirt';
import { machineOf, wantsImage, type Wish } from './machine';
import type { Version } from './template';

const IMAGE = 'harvesterhci.io/imageId';
const CLAIMS = 'harvesterhci.io/volumeClaimTemplates';
const KEY = 'ssh-ed25519 AAAA me';
const claim = (name: string, image?: string): ClaimTemplate => ({
  metadata: { name, ...(image === undefined ? {} : { annotations: { [IMAGE]: image } }) },
  spec:     {
    accessModes: ['ReadWriteMany'], volumeMode: 'Block', storageClassName: 'fast', resources: { requests: { storage: '1Gi' } }
  },
});

function version(claims: ClaimTemplate[], change: Partial<InstanceSpec> = {}): Version {
  return {
    metadata: { name: 'v1', namespace: 'default' },
    spec:     {
      templateId: 'default/t',
      vm:         {
        metadata: { labels: { os: 'linux' }, annotations: { [CLAIMS]: JSON.stringify(claims), note: 'x' } },
        spec:     {
          runStrategy: 'Always',
          template:    {
            spec: {
              domain: {
                cpu:     { cores: 2 },
                devices: {
                  disks:      [{ name: 'root', disk: { bus: 'virtio' } }],
                  interfaces: [{
                    name: 'default', macAddress: '02:00:00:00:00:01', masquerade: {}
                  }],
                },
              },
              volumes: claims.map(({ metadata }) => ({ name: metadata.name, persistentVolumeClaim: { claimName: metadata.name } })),
              ...change,
            },
          },
        },
      },
    },
  };
}

const wish = (change: Partial<Wish> = {}): Wish => ({
  namespace: 'tenant', name: 'web', image: '', keys: [], random: 'x1', ...change
});

describe('a machine of a template', () => {
  it('has a name, claims and addresses of its own, and the rest as the version has it', () => {
    const machine = machineOf(version([claim('root', 'default/tiny'), claim('data')]), wish());
    const spec = machine?.spec.template.spec;

    expect(machine).toMatchObject({
      metadata: {
        name: 'web', namespace: 'tenant', labels: { os: 'linux' }, annotations: { note: 'x' }
      },
      spec: { runStrategy: 'Always', template: { metadata: { labels: { 'harvesterhci.io/vmName': 'web' } } } },
    });
    expect(spec?.hostname).toBe('web');
    expect(spec?.volumes?.map((volume) => volume.persistentVolumeClaim?.claimName)).toStrictEqual(['web-disk-0-x1', 'web-disk-1-x1']);
    expect(JSON.parse(machine?.metadata.annotations?.[CLAIMS] ?? '')).toStrictEqual([claim('web-disk-0-x1', 'default/tiny'), claim('web-disk-1-x1')]);
    expect(spec?.domain.devices.interfaces).toStrictEqual([{ name: 'default', masquerade: {} }]);
  });

  it('begins with the image that was chosen, where the version leaves that to people', () => {
    const base = version([claim('root', ''), claim('data')]);
    const machine = machineOf(base, wish({ image: 'lh-tiny default/tiny' }));

    expect([wantsImage(base), wantsImage(version([claim('root', 'default/tiny')]))]).toStrictEqual([true, false]);
    expect(JSON.parse(machine?.metadata.annotations?.[CLAIMS] ?? '')).toMatchObject([
      { metadata: { annotations: { [IMAGE]: 'default/tiny' } }, spec: { storageClassName: 'lh-tiny' } },
      { spec: { storageClassName: 'fast' } },
    ]);
  });

  it.each([
    ['into a document of their own', {}, [{ name: 'cloudinitdisk', cloudInitNoCloud: { userData: `#cloud-config\nssh_authorized_keys:\n  - ${ KEY }\n` } }]],
    ['into the one that is there', { volumes: [{ name: 'init', cloudInitNoCloud: { userData: '#cloud-config\npackages: [vim]\n' } }] }, [{ name: 'init', cloudInitNoCloud: { userData: `#cloud-config\npackages:\n  - vim\nssh_authorized_keys:\n  - ${ KEY }\n` } }]],
    ['and not into a Secret', { volumes: [{ name: 'init', cloudInitNoCloud: { secretRef: { name: 's' } } }] }, [{ name: 'init', cloudInitNoCloud: { secretRef: { name: 's' } } }]],
  ])('is given the keys, %s', (_reason, change, want) => {
    const spec = machineOf(version([], change), wish({ keys: [KEY] }))?.spec.template.spec;

    expect(spec?.volumes).toStrictEqual(want);
  });

  it('is nothing where the version has none', () => {
    expect(machineOf({ metadata: { name: 'v' }, spec: { templateId: 'default/t' } }, wish())).toBeUndefined();
  });
});
