import { CLOUD_CONFIG, newCloudConfig, useOf, withDocument } from './cloudconfig';

describe('a cloud-init document', () => {
  const made = newCloudConfig({
    name: 'web', namespace: 'default', use: 'network', cloudInit: 'version: 2\n'
  });

  it('says what it is for by its label', () => {
    expect(useOf(made)).toBe('network');
    expect(useOf({ metadata: { name: 'other' } })).toBe('');
  });

  it('is changed beside what else is kept with it', () => {
    expect(withDocument({ ...made, data: { cloudInit: 'a', note: 'b' } }, 'c').data).toStrictEqual({ cloudInit: 'c', note: 'b' });
  });

  it('is told from other ConfigMaps by the label', () => {
    expect(CLOUD_CONFIG.filter).toBe('metadata.labels[harvesterhci.io/cloud-init-template]=user,metadata.labels[harvesterhci.io/cloud-init-template]=network');
  });
});
