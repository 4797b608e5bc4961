import { read, write } from './config';

describe('the configuration', () => {
  it('begins with what is usual', () => {
    expect(read({})).toMatchObject({
      cpuCount: 2, memorySize: 4, reservedMemorySize: NaN, sshUser: 'root', guestOs: 'linux', disks: [{ size: 40, bootOrder: 1 }], cards: [{ type: 'masquerade' }], gpus: [], keys: [], labels: []
    });
  });

  it('keeps numbers as text, documents in base64 and lists with commas', () => {
    const form = {
      ...read({}), cpuCount: 8, userData: '#cloud-config\nlocale: zh_CN # 你好', keys: ['default/me', 'default/you'], labels: ['team=blue', ' '], gpus: [{ name: '', deviceName: 'nvidia.com/A2-4Q' }]
    };
    const kept = write(form);

    expect(kept).toMatchObject({
      cpuCount:           '8',
      memorySize:         '4',
      reservedMemorySize: '-1',
      keyPairName:        'default/me,default/you',
      vmLabels:           'team=blue',
      vgpuInfo:           '{"vGPURequests":[{"name":"gpu-0","deviceName":"nvidia.com/A2-4Q"}]}',
      enableEfi:          false,
      imageName:          '',
    });
    expect(Buffer.from(String(kept.userData), 'base64').toString()).toBe(form.userData);
    expect(read(kept)).toStrictEqual({
      ...form, labels: ['team=blue'], gpus: [{ name: 'gpu-0', deviceName: 'nvidia.com/A2-4Q' }]
    });
  });

  it.each([
    ['text as well as base64', { userData: '#cloud-config\n' }, { userData: '#cloud-config\n' }],
    ['no memory kept from the guest is an answer', { reservedMemorySize: '0' }, { reservedMemorySize: 0 }],
    ['a switch in text', { enableTpm: 'true' }, { enableTpm: true }],
    ['what cannot be read begins anew', {
      diskInfo: '{', networkInfo: 'x', vgpuInfo: '['
    }, {
      gpus: [], cards: [{ networkName: '' }], disks: [{ imageName: '' }]
    }],
  ])('is read: %s', (_reason, config, want) => {
    expect(read(config)).toMatchObject(want);
  });

  it('says of no size that it is none', () => {
    expect(write({ ...read({}), cpuCount: NaN }).cpuCount).toBe('');
  });
});
