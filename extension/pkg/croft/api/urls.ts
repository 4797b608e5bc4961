/** Every URL that the pages ask, spelled once. Lists over all sites are the hub's; objects are their site's. */

const FLEET = '/v1/croft';

type Query = Record<string, string> | URLSearchParams;

function withQuery(path: string, query?: Query): string {
  const q = new URLSearchParams(query).toString();

  return q ? `${ path }?${ q }` : path;
}

function part(segment: string): string {
  return encodeURIComponent(segment);
}

/** What the hub knows of all sites. */
export const fleet = {
  virtualMachines: (query?: Query) => withQuery(`${ FLEET }/virtualmachines`, query),
  virtualMachine:  (siteId: string, namespace: string, name: string) => `${ FLEET }/virtualmachines/${ part(siteId) }/${ part(namespace) }/${ part(name) }`,
  sites:           (query?: Query) => withQuery(`${ FLEET }/sites`, query),
  site:            (siteId: string) => `${ FLEET }/sites/${ part(siteId) }`,
  subscribe:       () => `${ FLEET }/subscribe`,
};

/** Steve's types of a site, by the plural that its URLs use. */
export const TYPE = {
  virtualMachine:    'kubevirt.io.virtualmachines',
  instance:          'kubevirt.io.virtualmachineinstances',
  image:             'harvesterhci.io.virtualmachineimages',
  networkAttachment: 'k8s.cni.cncf.io.network-attachment-definitions',
  namespace:         'namespaces',
} as const;

export type SiteType = typeof TYPE[keyof typeof TYPE];

/** One site: `id` is the id of its cluster in Rancher. */
export function site(id: string) {
  const cluster = `/k8s/clusters/${ part(id) }`;
  const steve = `${ cluster }/v1/harvester`;
  const object = (type: SiteType, namespace: string, name: string) => `${ steve }/${ type }/${ part(namespace) }/${ part(name) }`;
  const instance = (namespace: string, name: string, subresource: string) => `${ cluster }/apis/subresources.kubevirt.io/v1/namespaces/${ part(namespace) }/virtualmachineinstances/${ part(name) }/${ subresource }`;

  return {
    list:         (type: SiteType, query?: Query) => withQuery(`${ steve }/${ type }`, query),
    object,
    action:       (type: SiteType, namespace: string, name: string, action: string) => withQuery(object(type, namespace, name), { action }),
    /** Deletes a machine with the claims named. */
    removal:      (type: SiteType, namespace: string, name: string, claims: string[]) => withQuery(object(type, namespace, name), new URLSearchParams(claims.map((claim) => ['removedDisks', claim]))),
    subscribe:    () => `${ steve }/subscribe`,
    events:       (namespace: string, name: string) => withQuery(`${ cluster }/api/v1/namespaces/${ part(namespace) }/events`, { fieldSelector: `involvedObject.name=${ name }` }),
    /** Where the site's Kubernetes says what the caller may do. */
    accessReview: () => `${ cluster }/apis/authorization.k8s.io/v1/selfsubjectaccessreviews`,
    console:      (namespace: string, name: string) => instance(namespace, name, 'console'),
    /** A polite caller is refused while somebody else has the screen; any other takes it away. */
    screen:       (namespace: string, name: string, polite: boolean) => withQuery(instance(namespace, name, 'vnc'), polite ? { preserveSession: 'true' } : {}),
  };
}

/** The address of a web socket on the host that the page came from. */
export function socket(path: string): string {
  return `${ window.location.protocol === 'http:' ? 'ws' : 'wss' }://${ window.location.host }${ path }`;
}
