import * as client from '../api/client';
import type { Resource } from '../api/steve';
import { TYPE } from '../api/urls';
import {
  answered, beside, identified, named, within, words
} from './choice';
import type { Subject } from './target';

const subject: Subject = {
  site: 'c-m-1', type: TYPE.virtualMachine, namespace: 'default', name: 'web', object: { metadata: { name: 'web' } }
};
const AT = '/k8s/clusters/c-m-1/v1/harvester';
const found = (...ids: string[]) => ({
  data: ids.map((id) => {
    const [namespace, name] = id.split('/');

    return { metadata: { namespace, name } };
  })
});

describe('what there is to choose from', () => {
  const request = jest.spyOn(client, 'request');

  beforeEach(() => request.mockReset());
  afterAll(() => jest.restoreAllMocks());

  it.each([
    ['words', words('a', 'b'), undefined, '', ['a', 'b']],
    ['objects beside it', beside(TYPE.volume), found('default/a', 'other/b'), `${ AT }/persistentvolumeclaim?filter=metadata.namespace%3Ddefault`, ['a']],
    ['those beside it that fit', beside(TYPE.volume, ({ metadata }) => metadata.name === 'b'), found('default/a', 'default/b'), `${ AT }/persistentvolumeclaim?filter=metadata.namespace%3Ddefault`, ['b']],
    ['objects without namespaces', named(TYPE.storageClass), { data: [{ metadata: { name: 'fast' } }] }, `${ AT }/storage.k8s.io.storageclass`, ['fast']],
    ['objects of all namespaces', identified(TYPE.networkAttachment), found('default/a', 'other/b'), `${ AT }/k8s.cni.cncf.io.networkattachmentdefinition`, ['default/a', 'other/b']],
    ['what the site answers', answered<{ nodes: string[] }>('findMigratableNodes', ({ nodes }) => nodes), { nodes: ['n'] }, `${ AT }/kubevirt.io.virtualmachine/default/web?action=findMigratableNodes`, ['n']],
    ['nothing where it answers nothing', answered<{ nodes: string[] }>('findMigratableNodes', ({ nodes }) => nodes), undefined, `${ AT }/kubevirt.io.virtualmachine/default/web?action=findMigratableNodes`, []],
    ['parts of the object', within((object: Resource) => [object.metadata.name]), undefined, '', ['web']],
  ])('%s', async(_reason, choices, answer, url, want) => {
    request.mockResolvedValue(answer);

    expect((await choices(subject)).map(({ value }) => value)).toStrictEqual(want);
    expect(request.mock.calls.map(([asked]) => asked)).toStrictEqual(url ? [url] : []);
  });

  it('calls an object as people do', async() => {
    request.mockResolvedValue(found('default/image-x'));

    expect(await identified(TYPE.image, () => 'tiny')(subject)).toStrictEqual([{ value: 'default/image-x', label: 'tiny (default/image-x)' }]);
  });
});
