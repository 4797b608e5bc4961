/** Rancher's name of Croft's node driver: its pages look for the driver's forms by it. */
export const DRIVER = 'croft';
/** The kind of a machine's configuration, which Rancher makes from the driver's flags. */
export const CONFIG = `rke-machine-config.cattle.io.${ DRIVER }config`;

type SchemaFor = (type: string) => unknown;

/** Whether clusters can be made here: Rancher has the kind once it knows the driver, and shows it to who may read it. */
export function offersMachines(store: { getters: Record<string, unknown> }): boolean {
  return !!(store.getters['management/schemaFor'] as SchemaFor | undefined)?.(CONFIG);
}
