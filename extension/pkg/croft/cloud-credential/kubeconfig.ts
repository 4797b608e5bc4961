/** A kubeconfig as the driver takes it: whole in itself, with a server and a login for each of its contexts. */
import jsyaml from 'js-yaml';
import type { Sentence } from '../display/sentence';

interface Named {
  name?: unknown;
}

interface Cluster extends Named {
  cluster?: Record<string, unknown>;
}

interface User extends Named {
  user?: Record<string, unknown>;
}

interface Context extends Named {
  context?: { cluster?: unknown; user?: unknown; namespace?: unknown };
}

interface Kubeconfig {
  contexts: Context[];
  clusters: Cluster[];
  users: User[];
}

const BASE64 = /^[A-Za-z0-9+/\s]+=*\s*$/;

function refuse(key: string, args?: Record<string, string>): Sentence {
  return { key: `croft.guest.kubeconfig.${ key }`, args };
}

function list<T>(value: unknown): T[] {
  return Array.isArray(value) ? value.filter((one) => one && typeof one === 'object') as T[] : [];
}

/** The text itself, where it was given in base64. */
export function plain(text: string): string {
  if (!BASE64.test(text)) {
    return text;
  }
  try {
    const bytes = Uint8Array.from(atob(text.replace(/\s/g, '')), (c) => c.charCodeAt(0));

    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return text;
  }
}

function read(text: string): Kubeconfig | undefined {
  try {
    const found = jsyaml.load(plain(text));

    if (!found || typeof found !== 'object') {
      return undefined;
    }

    const { contexts, clusters, users } = found as Record<string, unknown>;

    return {
      contexts: list(contexts), clusters: list(clusters), users: list(users)
    };
  } catch {
    return undefined;
  }
}

/** What the credential reaches: the names of its contexts. */
export function sitesOf(text: string): string[] {
  return (read(text)?.contexts ?? []).map(({ name }) => String(name ?? ''));
}

function unlessCluster(context: string, cluster: Record<string, unknown> | undefined): Sentence | undefined {
  if (!cluster?.server) {
    return refuse('server', { context });
  }

  return cluster['certificate-authority'] ? refuse('files') : undefined;
}

function unlessUser(context: string, user: Record<string, unknown> | undefined): Sentence | undefined {
  if (user?.exec || user?.['auth-provider']) {
    return refuse('program');
  }
  if (user?.tokenFile || user?.['client-certificate'] || user?.['client-key']) {
    return refuse('files');
  }

  return user?.token || user?.['client-certificate-data'] || user?.password ? undefined : refuse('login', { context });
}

/** Why the driver would not take it, if it would not. What stands in it is not repeated. */
export function unlessKubeconfig(text: string): Sentence | undefined {
  const config = read(text);

  if (!config?.contexts.length) {
    return refuse('none');
  }

  for (const { name, context } of config.contexts) {
    const called = String(name ?? '');
    const wrong = unlessCluster(called, config.clusters.find((c) => c.name === context?.cluster)?.cluster) ??
      unlessUser(called, config.users.find((u) => u.name === context?.user)?.user);

    if (wrong) {
      return wrong;
    }
  }

  return undefined;
}
