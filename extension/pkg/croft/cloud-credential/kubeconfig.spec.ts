import { plain, sitesOf, unlessKubeconfig } from './kubeconfig';

/** A kubeconfig of one context, with its user or its cluster as a case wants it. */
function kubeconfig(user: unknown = { token: 'secret' }, cluster: unknown = { server: 'https://site-1' }): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind:       'Config',
    clusters:   [{ name: 'c', cluster }],
    users:      [{ name: 'u', user }],
    contexts:   [{ name: 'site-1', context: { cluster: 'c', user: 'u' } }],
  });
}

describe('a kubeconfig', () => {
  it.each([
    ['a token is a login', kubeconfig(), undefined],
    ['a certificate in it, too', kubeconfig({ 'client-certificate-data': 'x', 'client-key-data': 'y' }), undefined],
    ['base64 is as good', Buffer.from(kubeconfig()).toString('base64'), undefined],
    ['what is no YAML', 'a: [', 'none'],
    ['what has no context', 'apiVersion: v1', 'none'],
    ['a word', 'kubeconfig', 'none'],
    ['a context without a server', kubeconfig(undefined, {}), 'server'],
    ['a context of no cluster', kubeconfig(undefined, null), 'server'],
    ['no login', kubeconfig({}), 'login'],
    ['a program would run at the hub', kubeconfig({ exec: { command: 'sh' } }), 'program'],
    ['a file would be read at the hub', kubeconfig({ tokenFile: '/etc/shadow' }), 'files'],
    ['a key in a file', kubeconfig({ 'client-certificate-data': 'x', 'client-key': '/k' }), 'files'],
    ['an authority in a file', kubeconfig(undefined, { server: 'https://a', 'certificate-authority': '/ca' }), 'files'],
  ])('%s', (_reason, text, want) => {
    const said = unlessKubeconfig(text);

    expect(said && 'key' in said ? said.key : undefined).toBe(want && `croft.guest.kubeconfig.${ want }`);
    expect(JSON.stringify(said ?? '')).not.toContain('secret');
  });

  it('reaches the sites of its contexts', () => {
    expect(sitesOf(kubeconfig())).toStrictEqual(['site-1']);
    expect(sitesOf(':')).toStrictEqual([]);
  });

  it.each([
    ['text stays', 'apiVersion: v1', 'apiVersion: v1'],
    ['base64 is read', 'YTogYg==', 'a: b'],
    ['what only looks like it stays', 'abcde', 'abcde'],
  ])('%s', (_reason, text, want) => {
    expect(plain(text)).toBe(want);
  });
});
