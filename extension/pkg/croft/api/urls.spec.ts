import { fleet, site, socket, TYPE } from './urls';

describe('urls', () => {
  const urls = site('c-m-abcd1234');

  it.each([
    ['the list of all sites', fleet.virtualMachines({ page: '2' }), '/v1/croft/virtualmachines?page=2'],
    ['one site', fleet.site('c-m-abcd1234'), '/v1/croft/sites/c-m-abcd1234'],
    ['a list of one site', urls.list(TYPE.image), '/k8s/clusters/c-m-abcd1234/v1/harvester/harvesterhci.io.virtualmachineimage'],
    ['one object', urls.object(TYPE.virtualMachine, 'default', 'web'), '/k8s/clusters/c-m-abcd1234/v1/harvester/kubevirt.io.virtualmachine/default/web'],
    ['an action', urls.action(TYPE.virtualMachine, 'default', 'web', 'start'), '/k8s/clusters/c-m-abcd1234/v1/harvester/kubevirt.io.virtualmachine/default/web?action=start'],
    ['a removal with two claims', urls.removal(TYPE.virtualMachine, 'default', 'web', ['a', 'b']), '/k8s/clusters/c-m-abcd1234/v1/harvester/kubevirt.io.virtualmachine/default/web?removedDisks=a&removedDisks=b'],
    ['a removal that leaves them', urls.removal(TYPE.virtualMachine, 'default', 'web', []), '/k8s/clusters/c-m-abcd1234/v1/harvester/kubevirt.io.virtualmachine/default/web'],
    ['an object of a kind without namespaces', urls.object(TYPE.node, '', 'node-1'), '/k8s/clusters/c-m-abcd1234/v1/harvester/node/node-1'],
    ['the schema of a type', urls.schema(TYPE.volume), '/k8s/clusters/c-m-abcd1234/v1/harvester/schemas/persistentvolumeclaim'],
    ['an action on a kind', urls.collective(TYPE.keyPair, 'keygen'), '/k8s/clusters/c-m-abcd1234/v1/harvester/harvesterhci.io.keypair?action=keygen'],
    ['a link', urls.link(TYPE.image, 'default', 'tiny', 'download'), '/k8s/clusters/c-m-abcd1234/v1/harvester/harvesterhci.io.virtualmachineimage/default/tiny/download'],
    ['an upload', urls.upload(TYPE.image, 'default', 'tiny', 'upload', 5), '/k8s/clusters/c-m-abcd1234/v1/harvester/harvesterhci.io.virtualmachineimage/default/tiny?action=upload&size=5'],
    ['a console', urls.console('default', 'web'), '/k8s/clusters/c-m-abcd1234/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachineinstances/web/console'],
    ['a screen to take', urls.screen('default', 'web', false), '/k8s/clusters/c-m-abcd1234/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachineinstances/web/vnc'],
    ['a screen that nobody has', urls.screen('default', 'web', true), '/k8s/clusters/c-m-abcd1234/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachineinstances/web/vnc?preserveSession=true'],
    ['a question of rights', urls.accessReview(), '/k8s/clusters/c-m-abcd1234/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'],
    ['a name that is no name stays one segment', urls.object(TYPE.virtualMachine, '../x', 'y/z'), '/k8s/clusters/c-m-abcd1234/v1/harvester/kubevirt.io.virtualmachine/..%2Fx/y%2Fz'],
    ['events of one object', urls.events('default', 'web'), '/k8s/clusters/c-m-abcd1234/api/v1/namespaces/default/events?fieldSelector=involvedObject.name%3Dweb'],
    ['a socket of this host', socket('/v1/croft/subscribe'), 'ws://localhost/v1/croft/subscribe'],
  ])('spells %s', (_reason, got, want) => {
    expect(got).toBe(want);
  });
});
