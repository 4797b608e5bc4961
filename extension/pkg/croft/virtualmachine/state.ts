/** KubeVirt's words for the state of a machine, and the way back to them. */
import type { VirtualMachine } from '../api/kubevirt';

export const STATES = [
  'Running', 'Stopped', 'Starting', 'Stopping', 'Paused', 'Migrating', 'Provisioning', 'WaitingForVolumeBinding', 'Terminating',
  'ErrorUnschedulable', 'CrashLoopBackOff', 'DataVolumeError', 'ErrorPvcNotFound', 'ErrImagePull', 'ImagePullBackOff', 'Unknown',
];

/** Steve writes states in lower case; the lists write KubeVirt's word. */
function word(name: string): string {
  return STATES.find((state) => state.toLowerCase() === name.toLowerCase()) ?? name;
}

/** The state that the machine's page shows: the site's own word for it. */
export function stateOf(machine: VirtualMachine): { name: string; message: string } {
  const { state } = machine.metadata;

  return { name: word(state?.name || machine.status?.printableStatus || 'Unknown'), message: state?.message ?? '' };
}
