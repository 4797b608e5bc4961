/** The cloud-init document of a new machine: what was written on the form, with the SSH key put in. */
import jsyaml from 'js-yaml';
import type { Sentence } from '../display/sentence';

/** KubeVirt takes no more inline; longer documents need a Secret. */
export const INLINE_LIMIT = 2048;
const HEADER = '#cloud-config';

type Document = Record<string, unknown>;

function parse(userData: string): Document | undefined {
  const document: unknown = jsyaml.load(userData);

  if (document === undefined || document === null) {
    return {};
  }

  return typeof document === 'object' && !Array.isArray(document) ? document as Document : undefined;
}

/** What an SSH public key looks like. */
export const PUBLIC_KEY = /^(ssh-|ecdsa-|sk-)\S+ [A-Za-z0-9+/=]+( .*)?$/;

/** Each line is a key; empty lines and comments are none. */
export function keysOf(sshKey: string): string[] {
  return sshKey.split('\n').map((line) => line.trim()).filter((line) => line && !line.startsWith('#'));
}

/** Why the document cannot be given to a machine, if it cannot. */
export function unlessUsable(userData: string): Sentence | undefined {
  const trimmed = userData.trim();

  if (!trimmed) {
    return undefined;
  }
  if (trimmed.startsWith('#!')) {
    return undefined;
  }
  if (!trimmed.startsWith(HEADER)) {
    return { key: 'croft.form.error.cloudConfigHeader' };
  }

  try {
    return parse(trimmed) ? undefined : { key: 'croft.form.error.cloudConfigMap' };
  } catch (e) {
    return { key: 'croft.form.error.cloudConfigYaml', args: { message: e instanceof Error ? e.message.split('\n')[0] : String(e) } };
  }
}

/**
 * The whole document. The text is kept as it was written where there is no key to add;
 * a shell script is kept always, since it has no place for a key.
 */
export function userDataOf(userData: string, sshKey: string): string {
  const trimmed = userData.trim();
  const keys = keysOf(sshKey);

  if (!keys.length || trimmed.startsWith('#!')) {
    return trimmed;
  }

  const document = parse(trimmed) ?? {};
  const had = Array.isArray(document.ssh_authorized_keys) ? document.ssh_authorized_keys : [];

  document.ssh_authorized_keys = [...new Set([...had, ...keys])];

  return `${ HEADER }\n${ jsyaml.dump(document, { lineWidth: -1 }) }`;
}

/** Why a text is no network data of cloud-init, if it is none. */
export function unlessNetworkData(document: string): Sentence | undefined {
  if (!document.trim()) {
    return undefined;
  }
  try {
    const value = parse(document);
    const inner = typeof value?.network === 'object' && value.network ? value.network as Document : value;

    return [1, 2].includes(Number(inner?.version)) ? undefined : { key: 'croft.guest.error.networkData' };
  } catch (e) {
    return { key: 'croft.form.error.cloudConfigYaml', args: { message: e instanceof Error ? e.message.split('\n')[0] : String(e) } };
  }
}
