import type { Site } from '../api/fleet';
import { findings, worst } from './health';

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

  it.each([
    ['nothing, where all is well', site(['Healthy', 'True'], ['CredentialsExpiring', 'False']), undefined],
    ['nothing, where it is away: its state says that', site(['Connected', 'False'], ['Healthy', 'Unknown']), undefined],
    ['what is wrong', site(['Healthy', 'True'], ['CredentialsExpiring', 'True']), 'CredentialsExpiring'],
  ])('is told in a list as %s', (_reason, of, want) => {
    expect(worst(of)?.what).toBe(want);
  });
});
