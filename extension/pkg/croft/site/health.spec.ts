import type { Site } from '../api/fleet';
import { findings, overall } from './health';

const site = (...conditions: [type: string, status: string][]): Site => ({
  id:         'c-m-1',
  name:       'north',
  metadata:   { name: 'c-m-1' },
  conditions: conditions.map(([type, status]) => ({
    type, status, message: `${ type } is ${ status }`
  }))
});

describe('how a site is', () => {
  it.each([
    ['Connected', 'True', 'Good'], ['Connected', 'False', 'Bad'], ['Healthy', 'Unknown', 'Unknown'],
    ['CredentialsExpiring', 'False', 'Good'], ['CredentialsExpiring', 'True', 'Bad'], ['CredentialsExpiring', 'Unknown', 'Unknown'],
  ])('%s=%s is %s', (type, status, want) => {
    expect(findings(site([type, status])).find(({ what }) => what === type)).toMatchObject({ verdict: want, message: `${ type } is ${ status }` });
  });

  it('has a line for what was not looked at yet', () => {
    expect(findings(site()).map(({ what, verdict }) => `${ what } ${ verdict }`)).toStrictEqual([
      'Connected Unknown', 'Synced Unknown', 'Healthy Unknown', 'VersionSupported Unknown', 'CredentialsExpiring Unknown',
    ]);
  });

  it.each<[string, Site, ReturnType<typeof overall>]>([
    ['good, where all is well', site(['Connected', 'True'], ['Healthy', 'True'], ['CredentialsExpiring', 'False']), { verdict: 'Good', message: '' }],
    ['not known, where it is away: its state says that', site(['Connected', 'False'], ['Healthy', 'True']), { verdict: 'Unknown', message: '' }],
    ['not known, where nobody has looked yet', site(['Connected', 'True']), { verdict: 'Unknown', message: '' }],
    ['what is wrong', site(['Connected', 'True'], ['Healthy', 'True'], ['CredentialsExpiring', 'True']), { verdict: 'Bad', message: 'CredentialsExpiring is True' }],
  ])('is told in a list as %s', (_reason, of, want) => {
    expect(overall(of)).toStrictEqual(want);
  });
});
