import { doubt } from './cloudkey';

describe('a key of a cloud-config document', () => {
  it.each([
    ['that is known', '#cloud-config\npackages: [vim]\nruncmd: []\n', undefined],
    ['that is nearly one', '#cloud-config\npakages: [vim]\n', { key: 'croft.form.cloudKeyMeant', args: { name: 'pakages', meant: 'packages' } }],
    ['that was written with hyphens', '#cloud-config\nwrite-files: []\n', { key: 'croft.form.cloudKeyMeant', args: { name: 'write-files', meant: 'write_files' } }],
    ['that is none', '#cloud-config\nkubernetes: {}\n', { key: 'croft.form.cloudKey', args: { name: 'kubernetes' } }],
    ['in a script', '#!/bin/sh\npakages: 1\n', undefined],
    ['in what is no YAML', '#cloud-config\npakages: [\n', undefined],
    ['in an empty document', '#cloud-config\n', undefined],
  ])('%s', (_reason, document, want) => {
    expect(doubt(document)).toStrictEqual(want);
  });
});
