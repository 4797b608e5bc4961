import { bare, readNew } from '../virtualmachine/form/object';
import { likeOf, versionOptions } from './option';
import type { Version } from './template';

const t = (_key: string, args?: Record<string, unknown>) => `${ args?.template } v${ args?.version }`;

function version(name: string, number: number, change: Partial<Version> = {}): Version {
  const vm = bare();

  vm.spec.template.spec.domain.devices = {
    disks:      [{ name: 'root', disk: { bus: 'virtio' } }],
    interfaces: [{
      name: 'default', macAddress: '02:00:00:00:00:01', masquerade: {}
    }]
  };
  vm.spec.template.spec.volumes = [{ name: 'root', persistentVolumeClaim: { claimName: 'pvc-root' } }];
  const claims = JSON.stringify([{
    metadata: { name: 'pvc-root', annotations: { 'harvesterhci.io/imageId': '' } },
    spec:     {
      accessModes: ['ReadWriteMany'], volumeMode: 'Block', resources: { requests: { storage: '3Gi' } }
    }
  }]);

  return {
    metadata: { namespace: 'default', name },
    spec:     { templateId: 'default/web', vm: { metadata: { annotations: { 'harvesterhci.io/volumeClaimTemplates': claims } }, spec: vm.spec } },
    status:   { version: number },
    ...change,
  };
}

it('lists versions newest first, and those that cannot be used with why', () => {
  const waiting = version('c', 3, {
    status: {
      version:    3,
      conditions: [{
        type: 'ready', status: 'False', message: 'it waits'
      }]
    }
  });

  expect(versionOptions([version('a', 1), waiting, version('b', 2, { spec: { templateId: 'default/app' } })], t)).toStrictEqual([
    {
      value: 'default/b', label: 'default/app v2', disabled: true
    },
    {
      value: 'default/c', label: 'default/web v3, it waits', disabled: true
    },
    {
      value: 'default/a', label: 'default/web v1', disabled: false
    },
  ]);
});

it('fills a form with what a version has, to be named, with an image to be chosen', () => {
  const vm = likeOf(version('a', 1));

  expect(vm && readNew(vm, 's')).toMatchObject({
    name:  '',
    disks: [{
      name: 'root', source: 'image', imageName: '', claim: '', size: 3
    }],
    cards: [{ macAddress: '' }]
  });
});
