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
  /** How many rows there are, by type, state and site. */
  counts:          () => `${ FLEET }/counts`,
  /** The rows of a kind, by the plural of its word. */
  rows:            (plural: string, query?: Query) => withQuery(`${ FLEET }/${ plural }`, query),
  /** The pools of a guest cluster, their nodes and the machines behind these. The hub itself has guest clusters, as its site `_hub`. */
  guestMachines:   (namespace: string, name: string) => `${ FLEET }/guestclusters/_hub/${ part(namespace) }/${ part(name) }/machines`,
  guestCluster:    (namespace: string, name: string) => `${ FLEET }/guestclusters/_hub/${ part(namespace) }/${ part(name) }`,
  /** One action for many objects: all of the caller's, one of them, and what can be told it. */
  operations:      () => `${ FLEET }/bulkoperations`,
  operation:       (name: string) => `${ FLEET }/bulkoperations/${ part(name) }`,
  operationAction: (name: string, action: string) => withQuery(`${ FLEET }/bulkoperations/${ part(name) }`, { action }),
  subscribe:       () => `${ FLEET }/subscribe`,
};

/** Rancher's own, of which the pages ask little. */
export const rancher = {
  credential:   (id: string) => `/v3/cloudcredentials/${ part(id) }`,
  /** Where a kubeconfig is made for the caller. */
  kubeconfigs:  () => '/v1/ext.cattle.io.kubeconfigs',
  clusters:     (query?: Query) => withQuery('/v1/provisioning.cattle.io.clusters', query),
  cluster:      (namespace: string, name: string) => `/v1/provisioning.cattle.io.clusters/${ part(namespace) }/${ part(name) }`,
  /** What the caller may do with a type of the hub's own. */
  schema:       (type: string) => `/v1/schemas/${ type }`,
  /** By what a cluster joins, by its id. */
  registration: (clusterId: string) => `/v3/clusterregistrationtokens/${ part(clusterId) }:default-token`,
  /** What people say of a site: the hub's own object. */
  site:         (siteId: string) => `/v1/crofthci.io.sites/${ part(siteId) }`,
  subscribe:    () => '/v1/subscribe',
};

/** Steve's types of a site. Their URLs take the plural too; a socket knows only this. */
export const TYPE = {
  virtualMachine:      'kubevirt.io.virtualmachine',
  instance:            'kubevirt.io.virtualmachineinstance',
  image:               'harvesterhci.io.virtualmachineimage',
  volume:              'persistentvolumeclaim',
  snapshot:            'snapshot.storage.k8s.io.volumesnapshot',
  storageClass:        'storage.k8s.io.storageclass',
  template:            'harvesterhci.io.virtualmachinetemplate',
  templateVersion:     'harvesterhci.io.virtualmachinetemplateversion',
  keyPair:             'harvesterhci.io.keypair',
  configMap:           'configmap',
  backup:              'harvesterhci.io.virtualmachinebackup',
  quota:               'harvesterhci.io.resourcequota',
  setting:             'harvesterhci.io.setting',
  /** Kubernetes' own, of a namespace's processors, memory and storage. */
  share:               'resourcequota',
  pod:                 'pod',
  secret:              'secret',
  instanceType:        'instancetype.kubevirt.io.virtualmachineinstancetype',
  clusterInstanceType: 'instancetype.kubevirt.io.virtualmachineclusterinstancetype',
  networkAttachment:   'k8s.cni.cncf.io.networkattachmentdefinition',
  namespace:           'namespace',
  node:                'node',
  event:               'event',
} as const;

/** Types of the hub's own, as its schemas and its socket know them. */
export const HUB_TYPE = {
  cluster: 'provisioning.cattle.io.cluster', registration: 'management.cattle.io.clusterregistrationtoken', site: 'crofthci.io.site'
} as const;

export type SiteType = typeof TYPE[keyof typeof TYPE];

/** One site: `id` is the id of its cluster in Rancher. */
export function site(id: string) {
  const cluster = `/k8s/clusters/${ part(id) }`;
  const steve = `${ cluster }/v1/harvester`;
  /** An object of a kind without namespaces has an empty one. */
  const object = (type: SiteType, namespace: string, name: string) => [steve, type, ...[namespace, name].filter(Boolean).map(part)].join('/');
  const instance = (namespace: string, name: string, subresource: string) => `${ cluster }/apis/subresources.kubevirt.io/v1/namespaces/${ part(namespace) }/virtualmachineinstances/${ part(name) }/${ subresource }`;

  return {
    list:           (type: SiteType, query?: Query) => withQuery(`${ steve }/${ type }`, query),
    object,
    action:         (type: SiteType, namespace: string, name: string, action: string) => withQuery(object(type, namespace, name), { action }),
    /** What the caller may do with a type. */
    schema:         (type: SiteType) => `${ steve }/schemas/${ type }`,
    /** What can be done with a kind as a whole. */
    collective:     (type: SiteType, action: string) => withQuery(`${ steve }/${ type }`, { action }),
    /** What can be fetched about an object. */
    link:           (type: SiteType, namespace: string, name: string, link: string) => `${ object(type, namespace, name) }/${ part(link) }`,
    upload:         (type: SiteType, namespace: string, name: string, action: string, size: number) => withQuery(object(type, namespace, name), { action, size: String(size) }),
    /** Deletes a machine with the claims named. */
    removal:        (type: SiteType, namespace: string, name: string, claims: string[]) => withQuery(object(type, namespace, name), new URLSearchParams(claims.map((claim) => ['removedDisks', claim]))),
    /** A Secret in Kubernetes' own words, which makes or changes it as the form that asks. */
    secret:         (namespace: string, name: string) => withQuery(`${ cluster }/api/v1/namespaces/${ part(namespace) }/secrets/${ part(name) }`, { fieldManager: 'croft-page' }),
    kubeconfig:     () => `${ steve }/kubeconfig`,
    subscribe:      () => `${ steve }/subscribe`,
    events:         (namespace: string, name: string) => withQuery(`${ cluster }/api/v1/namespaces/${ part(namespace) }/events`, { fieldSelector: `involvedObject.name=${ name }` }),
    /** Where the site's Kubernetes says what the caller may do. */
    accessReview:   () => `${ cluster }/apis/authorization.k8s.io/v1/selfsubjectaccessreviews`,
    /** KubeVirt's handler on a node, in whatever namespace KubeVirt is, and what it counts. */
    handlers:       (node: string) => withQuery(`${ cluster }/api/v1/pods`, { labelSelector: 'kubevirt.io=virt-handler', fieldSelector: `spec.nodeName=${ node }` }),
    handlerMetrics: (namespace: string, name: string) => `${ cluster }/api/v1/namespaces/${ part(namespace) }/pods/https:${ part(name) }:8443/proxy/metrics`,
    console:        (namespace: string, name: string) => instance(namespace, name, 'console'),
    /** The screen as a picture, as it is now. */
    picture:        (namespace: string, name: string) => instance(namespace, name, 'vnc/screenshot'),
    /** A polite caller is refused while somebody else has the screen; any other takes it away. */
    screen:         (namespace: string, name: string, polite: boolean) => withQuery(instance(namespace, name, 'vnc'), polite ? { preserveSession: 'true' } : {}),
  };
}

/** The address of a web socket on the host that the page came from. */
export function socket(path: string): string {
  return `${ window.location.protocol === 'http:' ? 'ws' : 'wss' }://${ window.location.host }${ path }`;
}
